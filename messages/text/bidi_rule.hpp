/// The Bidi Rule (RFC 5893 section 2).
#pragma once

#include <optional>
#include <string_view>

namespace klatch {

/// The first code point of `label` that breaks the rule; nothing if none does. A label without
/// characters that are written from right to left keeps it always.
std::optional<char32_t> against_bidi_rule(std::u32string_view label);

} // namespace klatch
