#include "bench/load/numbered_text.hpp"

#include <array>

namespace load {

namespace {

constexpr std::size_t number_width = 12;

} // namespace

std::string user_name(std::size_t user) {
  return std::string("u").append(std::to_string(user + 1));
}

std::string shortened(std::string_view text) {
  constexpr std::size_t shown = 200;
  return std::string(text.substr(0, shown)) + (text.size() > shown ? "…" : "");
}

void put_number(std::string& text, std::size_t at, std::size_t size, std::uint64_t number) {
  std::array<char, number_width> digits{};
  for (auto i = number_width; i-- > 0; number /= 10)
    digits[i] = static_cast<char>('0' + number % 10);
  text.replace(at, number_width, digits.data(), digits.size());
  text.replace(at + size - number_width, number_width, digits.data(), digits.size());
}

numbered_text::numbered_text(std::size_t from, std::size_t to, std::size_t bytes)
    : text_(number_width, '0') {
  constexpr std::string_view words =
      " and then she said that it would be fine by noon. They met at the old bridge, as agreed,";
  text_.append(" from ").append(user_name(from)).append(" to ").append(user_name(to)).append(".");
  for (std::size_t i = from; text_.size() + number_width + 1 < bytes; ++i)
    text_ += words[i % words.size()];
  text_ += ' ';
  text_.append(number_width, '0');
}

const std::string& numbered_text::with(std::uint64_t number) {
  put_number(text_, 0, text_.size(), number);
  return text_;
}

} // namespace load
