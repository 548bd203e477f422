/// Characters that may stand in some places only (RFC 5892 appendix A, which RFC 8264 takes over).
#pragma once

#include <cstddef>
#include <string_view>

namespace klatch {

/// Returns true if the code point at `at` may stand there in an id: IdentifierClass of RFC 8264,
/// with U+200C and U+200D after a virama only.
bool may_stand_in_id(std::u32string_view text, std::size_t at);

/// The same for names: FreeformClass, and what emoji and words of Arabic script are put together
/// with.
bool may_stand_in_name(std::u32string_view text, std::size_t at);

} // namespace klatch
