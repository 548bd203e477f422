/// Which shard of the directory knows a user.
#pragma once

#include "messages/ids.hpp"
#include "messages/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace klatch {

/// The shards, by hash of the user's key. Immutable: a new version replaces it when a shard was
/// replaced.
struct directory_table {
  std::uint64_t version = 0;
  std::vector<directory_actor> shards;

  std::size_t index_of(const user_key& user) const noexcept {
    return std::hash<user_key>{}(user) % shards.size();
  }
  const directory_actor& shard_of(const user_key& user) const noexcept {
    return shards[index_of(user)];
  }
};

using directory_table_ptr = std::shared_ptr<const directory_table>;

} // namespace klatch
