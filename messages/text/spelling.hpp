/// The one spelling of an id or a name: what looks the same is the same.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// Why a text is no id or no name: in words that follow the field's name.
struct misspelling {
  std::string why; ///< such as "holds U+200B, which may not stand in an id"
};

using spelling = std::variant<std::string, misspelling>;

/// Returns true if `text` is an id of printable ASCII that `spelling_of_id` would leave as it is.
/// Costs no more than a look at each byte, and is false for everything else.
bool is_ascii_id(std::string_view text) noexcept;

/// The same for names.
bool is_ascii_name(std::string_view text) noexcept;

/// Enforces UsernameCasePreserved (RFC 8265 section 3.4): wide and narrow forms become usual ones,
/// then Normalization Form C, then IdentifierClass and the Bidi Rule for each part between single
/// spaces. No part begins with a mark. Expects valid UTF-8; leaves its own results as they are.
spelling spelling_of_id(std::string_view text);

/// Enforces Nickname (RFC 8266 section 2.3): spaces at the ends go, several become one, then
/// Normalization Form KC and FreeformClass. Begins with no mark, and shows something. Beyond the
/// RFC it lets through what emoji are put together with (U+FE0E, U+FE0F, U+200D), there only, and
/// U+200C between letters of Arabic. Expects valid UTF-8; leaves its own results as they are.
spelling spelling_of_name(std::string_view text);

} // namespace klatch
