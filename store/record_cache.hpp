/// What is known of users or of conversations, a bounded number of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace klatch::store {

/// Row of a user or of a conversation.
using row_id = std::uint64_t;

/// Records by their ids and by their names. A `Record` has `id`, `name()`, `may_go()` and
/// `recently_used`; the name has `operator==` and `hash()`, and must stay what it is. Records stay
/// where they are until they are erased.
template<class Record>
class record_cache {
public:
  using name_type = decltype(std::declval<const Record&>().name());

  Record* find(row_id id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second.get();
  }

  Record* find(const name_type& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : *found;
  }

  Record& add(std::unique_ptr<Record> added) {
    auto& record = *added;
    by_name_.insert(&record);
    by_id_.emplace(record.id, std::move(added));
    return record;
  }

  void erase(Record& gone) {
    by_name_.erase(&gone);
    by_id_.erase(gone.id);
  }

  std::size_t size() const noexcept { return by_id_.size(); }

  /// Second-chance (CLOCK) eviction: visits at most 256 buckets a call and evicts unused records
  /// until at most `limit` are left.
  void evict(std::size_t limit) {
    constexpr int buckets_a_call = 256;
    for (int step = 0; step < buckets_a_call && size() > limit; ++step) {
      clock_hand_ = (clock_hand_ + 1) % by_id_.bucket_count();
      Record* gone = nullptr;
      for (auto each = by_id_.begin(clock_hand_); each != by_id_.end(clock_hand_); ++each)
        if (!std::exchange(each->second->recently_used, false) && each->second->may_go())
          gone = each->second.get();
      if (gone != nullptr)
        erase(*gone);
    }
  }

private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(const Record* record) const noexcept { return record->name().hash(); }
    std::size_t operator()(const name_type& name) const noexcept { return name.hash(); }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(const Record* one, const Record* other) const noexcept { return one == other; }
    bool operator()(const Record* one, const name_type& name) const noexcept {
      return one->name() == name;
    }
    bool operator()(const name_type& name, const Record* one) const noexcept {
      return one->name() == name;
    }
  };

  std::unordered_map<row_id, std::unique_ptr<Record>> by_id_;
  std::unordered_set<Record*, hash, equal> by_name_;
  std::size_t clock_hand_ = 0;
};

} // namespace klatch::store
