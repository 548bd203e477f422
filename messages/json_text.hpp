/// Text as a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace klatch {

/// Appends `text` in quotes. Escapes what RFC 8259 section 7 demands: the quote, the backslash and
/// what is below U+0020, as JavaScript's `JSON.stringify` does; all else goes through as it is.
/// Expects valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

} // namespace klatch
