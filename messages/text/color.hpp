/// What may stand in a colour.
#pragma once

#include <algorithm>
#include <string_view>

namespace klatch {

/// Returns true if `text` is made of letters, digits, spaces and `# ( ) , . % / -`: enough for
/// names, #hex and functions of CSS, and nothing that ends a style attribute or a declaration in
/// it, which is where the original page puts the colour.
constexpr bool is_color(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view{"#(),.%/ -"}.find(c) != std::string_view::npos;
  });
}

} // namespace klatch
