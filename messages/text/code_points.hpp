/// Properties of characters in Unicode on which ids, names and messages depend.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace klatch {

/// The code points of `text`, which is valid UTF-8.
std::u32string code_points(std::string_view text);

/// Appends a code point in UTF-8.
void append_utf8(std::string& out, char32_t point);

/// A combining mark: it is drawn over the character before it.
bool is_mark(char32_t point) noexcept;

/// U+0020 and all other spaces (Zs).
bool is_space(char32_t point) noexcept;

/// Returns true if the character shows by itself: no space, control, mark, filler or format
/// character. A character that this version of Unicode does not have counts as visible.
bool is_visible(char32_t point) noexcept;

/// Returns true if anything in `text`, which is valid UTF-8, shows. Reads no further than what
/// does.
bool has_visible_character(std::string_view text) noexcept;

/// Returns `text` in Normalization Form C, or in Form KC if `compatible`. Expects valid UTF-8.
std::string normalized(std::string_view text, bool compatible);

} // namespace klatch
