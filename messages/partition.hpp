/// Which part of the directory a user belongs to.
#pragma once

#include "messages/ids.hpp"

#include <cstddef>

namespace klatch {

/// However many workers or nodes there are: they share the partitions out among themselves.
inline constexpr std::size_t partition_count = 64;

/// Returns the partition of `user`, below `partition_count`. The same on every machine and in every
/// version, so that nodes agree on it: the top six bits of FNV-1a (64 bits) over the project's
/// bytes, a zero byte and the user's bytes, mixed as MurmurHash3 ends.
std::size_t partition_of(const user_key& user) noexcept;

} // namespace klatch
