/// Which bytes are text.
#pragma once

#include <string_view>

namespace klatch {

/// Returns true if `text` is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing
/// beyond U+10FFFF.
bool is_valid_utf8(std::string_view text) noexcept;

} // namespace klatch
