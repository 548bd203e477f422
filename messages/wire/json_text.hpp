/// Text and numbers as JSON.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace klatch {

/// Appends `text` in quotes. Escapes what RFC 8259 section 7 demands: the quote, the backslash and
/// what is below U+0020, as JavaScript's `JSON.stringify` does; all else goes through as it is.
/// Expects valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Appends an integer of at most 64 bits in decimal digits.
template<std::integral Integer>
void append_number(std::string& out, Integer number) {
  std::array<char, 20> digits; // as many as the longest has, -9223372036854775808
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

} // namespace klatch
