#include "messages/auth/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace klatch {

namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t no_digit = 64;

constexpr std::array<std::uint8_t, 256> digits_of(std::string_view letters) {
  std::array<std::uint8_t, 256> result{};
  for (auto& each : result)
    each = no_digit;
  for (std::size_t at = 0; at < letters.size(); ++at)
    result[static_cast<unsigned char>(letters[at])] = static_cast<std::uint8_t>(at);
  return result;
}

constexpr auto url_digits = digits_of(url_alphabet);
constexpr auto plain_digits = digits_of(alphabet);

std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::uint8_t, 256>& digits) {
  if (text.size() % 4 == 1)
    return std::nullopt;
  std::string result;
  result.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char each : text) {
    const auto digit = digits[static_cast<unsigned char>(each)];
    if (digit == no_digit)
      return std::nullopt;
    bits = (bits << 6U | digit) & 0xFFFFFU;
    count += 6;
    if (count < 8)
      continue;
    count -= 8;
    result += static_cast<char>(bits >> count & 0xFFU);
  }
  if ((bits & ((1U << count) - 1U)) != 0)
    return std::nullopt;
  return result;
}

std::string encode(std::string_view bytes, std::string_view letters) {
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char each : bytes) {
    bits = (bits << 8U | static_cast<unsigned char>(each)) & 0xFFFFFU;
    for (count += 8; count >= 6;) {
      count -= 6;
      result += letters[bits >> count & 0x3FU];
    }
  }
  if (count > 0)
    result += letters[bits << (6U - count) & 0x3FU];
  return result;
}

} // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  return decode(text, url_digits);
}

std::optional<std::string> decode_base64(std::string_view text) {
  const auto end = std::min(text.find('='), text.size());
  const auto padding = text.substr(end);
  const bool padded = !padding.empty();
  if (padded && (text.size() % 4 != 0 || (padding != "=" && padding != "==")))
    return std::nullopt;
  return decode(text.substr(0, end), plain_digits);
}

std::string encode_base64(std::string_view bytes) {
  auto result = encode(bytes, alphabet);
  result.append((4 - result.size() % 4) % 4, '=');
  return result;
}

std::string encode_base64url(std::string_view bytes) { return encode(bytes, url_alphabet); }

} // namespace klatch
