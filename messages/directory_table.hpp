/// Which shard of the directory serves a user.
#pragma once

#include "messages/ids.hpp"
#include "messages/interfaces.hpp"
#include "messages/partition.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace klatch {

/// The shards, and which of them serves which partition. Immutable: a new version replaces it when
/// a shard was replaced, which leaves the partitions with the same shards' successors.
struct directory_table {
  /// Shares the partitions out in turn. Expects from one to `partition_count` shards.
  explicit directory_table(std::vector<directory_actor> serving) : shards(std::move(serving)) {
    assert(!shards.empty() && shards.size() <= partition_count);
    for (std::size_t partition = 0; partition < partition_count; ++partition)
      shard_index[partition] = static_cast<std::uint8_t>(partition % shards.size());
  }

  std::uint64_t version = 0;
  std::vector<directory_actor> shards;                     ///< each once
  std::array<std::uint8_t, partition_count> shard_index{}; ///< by partition: of `shards`

  /// Returns where in `shards` that of `user` is.
  std::size_t index_of(const user_key& user) const noexcept {
    return shard_index[partition_of(user)];
  }
  const directory_actor& shard_of(const user_key& user) const noexcept {
    return shards[index_of(user)];
  }
};

using directory_table_ptr = std::shared_ptr<const directory_table>;

} // namespace klatch
