/// Numbers and texts in frames of the bus, as bytes.
#pragma once

#include "messages/text/utf8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace klatch {

/// Bytes of a number of fixed width, its lowest byte first.
inline constexpr std::size_t fixed_bytes = 8;

/// Bytes of a number of variable width: seven bits in each, the lowest first, and all but the last
/// have the highest bit set (LEB128).
constexpr std::size_t varint_bytes(std::uint64_t number) noexcept {
  std::size_t bytes = 1;
  for (; number >= 0x80U; number >>= 7U)
    ++bytes;
  return bytes;
}

inline void put_fixed(std::string& to, std::uint64_t number) {
  std::array<char, fixed_bytes> bytes{};
  for (auto& each : bytes) {
    each = static_cast<char>(number & 0xFFU);
    number >>= 8U;
  }
  to.append(bytes.data(), bytes.size());
}

inline void put_varint(std::string& to, std::uint64_t number) {
  for (; number >= 0x80U; number >>= 7U)
    to.push_back(static_cast<char>(0x80U | (number & 0x7FU)));
  to.push_back(static_cast<char>(number));
}

/// Texts stand together: first the lengths of all, then all of them.
constexpr std::size_t texts_bytes(std::initializer_list<std::string_view> texts) noexcept {
  std::size_t bytes = 0;
  for (const auto text : texts)
    bytes += varint_bytes(text.size()) + text.size();
  return bytes;
}

inline void put_texts(std::string& to, std::initializer_list<std::string_view> texts) {
  for (const auto text : texts)
    put_varint(to, text.size());
  for (const auto text : texts)
    to.append(text);
}

/// Signed numbers near zero are small: 0, -1, 1, -2 … are 0, 1, 2, 3 …
constexpr std::uint64_t to_zigzag(std::int64_t number) noexcept {
  const auto bits = static_cast<std::uint64_t>(number);
  return (bits << 1U) ^ (number < 0 ? ~std::uint64_t{0} : 0);
}
constexpr std::int64_t from_zigzag(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>((number >> 1U) ^ (~(number & 1U) + 1U));
}

/// Reads bytes from their beginning, and never beyond their end: what is not there fails. Once
/// something has failed all else does, and what it returns means nothing.
class byte_cursor {
public:
  explicit byte_cursor(std::string_view bytes) noexcept : rest_(bytes) {}

  bool failed() const noexcept { return failed_; }
  bool at_end() const noexcept { return rest_.empty(); }
  std::string_view rest() const noexcept { return rest_; }

  std::uint8_t byte() noexcept {
    const auto found = take(1);
    return found.empty() ? 0 : static_cast<std::uint8_t>(found.front());
  }

  std::uint64_t fixed() noexcept {
    std::uint64_t number = 0;
    unsigned shift = 0;
    for (const char each : take(fixed_bytes)) {
      number |= std::uint64_t{static_cast<unsigned char>(each)} << shift;
      shift += 8;
    }
    return number;
  }

  /// Fails if the number has more than 64 bits.
  std::uint64_t varint() noexcept {
    constexpr unsigned last_shift = 63;
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift <= last_shift; shift += 7) {
      const std::uint64_t next = byte();
      number |= (next & 0x7FU) << shift;
      if (next < 0x80U) {
        failed_ |= shift == last_shift && next > 1;
        return number;
      }
    }
    failed_ = true;
    return 0;
  }

  std::string_view take(std::uint64_t bytes) noexcept {
    if (failed_ || bytes > rest_.size()) {
      failed_ = true;
      return {};
    }
    const auto found = rest_.substr(0, static_cast<std::size_t>(bytes));
    rest_.remove_prefix(found.size());
    return found;
  }

  /// As `put_texts` writes them. Fails if one of them is not UTF-8.
  template<std::size_t Count>
  std::array<std::string_view, Count> texts() noexcept {
    std::array<std::uint64_t, Count> lengths{};
    for (auto& each : lengths)
      each = varint();
    const auto all = rest_;
    std::array<std::string_view, Count> found;
    for (std::size_t index = 0; index < Count; ++index) {
      found[index] = take(lengths[index]);
      failed_ |= begins_within_a_character(found[index]);
    }
    // One look at all of them: each ends where a character does if the next begins with one.
    failed_ = failed_ || !is_valid_utf8(all.substr(0, all.size() - rest_.size()));
    return found;
  }

private:
  static bool begins_within_a_character(std::string_view text) noexcept {
    return !text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U;
  }

  std::string_view rest_;
  bool failed_ = false;
};

} // namespace klatch
