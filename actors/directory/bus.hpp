/// What is published to the devices of a user, wherever they are: `stored` and `push`.
#pragma once

#include "messages/archive_messages.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Publishes to the directory's shards of this node. With several nodes, what is published here
/// goes to their buses as well, and what they publish is published here: both in terms of users,
/// whose partitions are the same everywhere.
///
/// Only a hint: a message that is missed is found in the store, which is the truth. Belongs to one
/// actor, in whose name it sends: `Sender` is that actor.
class bus {
public:
  /// Publishes to the shards of `table` from now on. Before the first one, what is published goes
  /// nowhere.
  void use(directory_table_ptr table) {
    assert(table != nullptr && !pending());
    table_ = std::move(table);
    entries_.resize(table_->shards.size());
  }

  /// Adds an entry of an inbox to what `flush` publishes.
  void add(stored::entry entry) {
    if (table_ == nullptr)
      return;
    const auto shard = table_->index_of({entry.what->content.project, entry.in.owner});
    entries_[shard].push_back(std::move(entry));
  }

  /// Publishes what has been added, in one message for each shard, each inbox's in the order in
  /// which it was added.
  template<class Sender>
  void flush(Sender& from) {
    for (std::size_t index = 0; index < entries_.size(); ++index)
      if (!entries_[index].empty())
        from.send(table_->shards[index], stored{std::exchange(entries_[index], {})});
  }

  /// Publishes a frame at once.
  template<class Sender>
  void publish(Sender& from, klatch::push what) {
    if (table_ == nullptr)
      return;
    const auto& shard = table_->shard_of(what.user);
    from.send(shard, std::move(what));
  }

  /// Forgets the shards: their handles keep each other alive.
  void stop() {
    table_.reset();
    entries_.clear();
  }

private:
  bool pending() const noexcept {
    for (const auto& each : entries_)
      if (!each.empty())
        return true;
    return false;
  }

  directory_table_ptr table_;
  std::vector<std::vector<stored::entry>> entries_; ///< by shard: not published yet
};

} // namespace klatch::actors
