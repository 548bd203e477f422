/// Which part of the directory a user belongs to.
#pragma once

#include "messages/ids.hpp"

#include <cstddef>
#include <cstdint>

namespace klatch {

/// However many workers or nodes there are: they share the partitions out among themselves.
inline constexpr std::size_t partition_count = 64;

/// Returns a hash of a user. The same on every machine and in every version, so that nodes agree on
/// it: FNV-1a (64 bits) over the project's bytes, a zero byte and the user's bytes, mixed as
/// MurmurHash3 ends.
std::uint64_t hash_of(const project_id& project, const user_id& user) noexcept;
inline std::uint64_t hash_of(const user_key& user) noexcept {
  return hash_of(user.project, user.user);
}

/// Returns the partition of `user`, below `partition_count`: the top six bits of its hash.
std::size_t partition_of(const user_key& user) noexcept;

} // namespace klatch
