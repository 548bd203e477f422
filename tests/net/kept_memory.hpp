/// What a frame reader may keep.
#pragma once

#include <cstddef>
#include <string>

namespace klatch::net {

/// Whether, after each piece of `wire` that a new reader reads, nothing but what it keeps is
/// allocated, and that within the bounds that it promises. Replaces `new`, see allocation_count.
bool stays_in_bounds(std::string wire, std::size_t piece, std::size_t limit);

} // namespace klatch::net
