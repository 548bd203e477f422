/// What is published to the devices of a user, wherever they are: what was stored, how far an inbox
/// goes, and frames.
#pragma once

#include "messages/archive_messages.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Publishes to the directory's shards of this node and, where there is a herald, to the other
/// nodes.
///
/// Only a hint: a message that is missed is found in the store, which is the truth. Belongs to one
/// actor, in whose name it sends: `Sender` is that actor.
class bus {
public:
  /// `others`: who tells the other nodes; null: there are none, or they know.
  explicit bus(herald_actor others = {}) : others_(std::move(others)) {}

  /// Returns true if there may be other nodes.
  bool reaches_others() const noexcept { return others_ != nullptr; }

  /// Publishes to the shards of `table` from now on. Before the first one, what is published goes
  /// nowhere.
  void use(directory_table_ptr table) {
    assert(table != nullptr && !pending());
    table_ = std::move(table);
    entries_.resize(table_->shards.size());
    heads_.resize(table_->shards.size());
  }

  /// Adds an entry of an inbox to what `flush` publishes.
  void add(stored::entry entry) {
    if (others_ != nullptr)
      tell(entry);
    if (table_ == nullptr)
      return;
    const auto shard = table_->index_of({entry.what->content.project, entry.in.owner});
    entries_[shard].push_back(std::move(entry));
  }

  /// Adds to that how far an inbox goes.
  void add(inbox_head known) {
    if (others_ != nullptr)
      told_.heads.push_back(known);
    if (table_ == nullptr)
      return;
    const auto shard = table_->index_of(known.user);
    heads_[shard].push_back(std::move(known));
  }

  /// Publishes what has been added, in one message of each kind for each shard, each inbox's in the
  /// order in which it was added.
  template<class Sender>
  void flush(Sender& from) {
    for (std::size_t index = 0; index < entries_.size(); ++index) {
      if (!entries_[index].empty())
        from.send(table_->shards[index], stored{std::exchange(entries_[index], {})});
      if (!heads_[index].empty())
        from.send(table_->shards[index], heads_known{std::exchange(heads_[index], {})});
    }
    if (!told_.stored.empty() || !told_.heads.empty())
      from.send(others_, std::exchange(told_, {}));
  }

  /// Publishes a frame at once.
  template<class Sender>
  void publish(Sender& from, klatch::push what) {
    if (others_ != nullptr)
      from.send(others_, told{{}, {}, {{what.user, what.text, {}}}});
    if (table_ == nullptr)
      return;
    const auto& shard = table_->shard_of(what.user);
    from.send(shard, std::move(what));
  }

  /// Forgets the shards, whose handles keep each other alive, and the herald.
  void stop() {
    table_.reset();
    others_ = nullptr;
    entries_.clear();
    heads_.clear();
    told_ = {};
  }

private:
  bool pending() const noexcept {
    for (const auto& each : entries_)
      if (!each.empty())
        return true;
    return false;
  }

  /// The entries of one message come one after the other.
  void tell(const stored::entry& entry) {
    if (told_.stored.empty() || told_.stored.back().what != entry.what)
      told_.stored.push_back({entry.what, {}});
    told_.stored.back().audience.push_back(entry.in);
  }

  herald_actor others_;
  directory_table_ptr table_;
  std::vector<std::vector<stored::entry>> entries_; ///< by shard: not published yet
  std::vector<std::vector<inbox_head>> heads_;      ///< likewise
  told told_;                                       ///< likewise
};

} // namespace klatch::actors
