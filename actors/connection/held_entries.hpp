/// Entries of an inbox that have come before those in front of them.
#pragma once

#include "messages/inbox_messages.hpp"
#include "store/cluster_times.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace klatch::actors {

/// Where several writers store, the entries of one inbox may cross on their way here: a moment
/// later those in front have come too, and nothing has to be read.
class held_entries {
public:
  /// Returns false, and holds it not, if so many are held already.
  bool hold(const inbox_entry& early) {
    if (entries_.size() >= store::held_entries)
      return false;
    entries_.emplace(early.seq, early);
    return true;
  }

  /// Takes out the entry `seq`, if it is held.
  std::optional<inbox_entry> take(std::uint64_t seq) {
    auto held = entries_.extract(seq);
    return held ? std::optional{std::move(held.mapped())} : std::nullopt;
  }

  /// Takes out all, in their order.
  std::map<std::uint64_t, inbox_entry> take_all() { return std::exchange(entries_, {}); }

  bool empty() const noexcept { return entries_.empty(); }

private:
  std::map<std::uint64_t, inbox_entry> entries_; ///< by seq
};

} // namespace klatch::actors
