/// Work of many in front of one thread, in an order that is fair.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Items of each key come out in their order, and of several keys whose have cost least so far:
/// start-time fair queueing (Goyal, Vin and Cheng, 1996). A key that has had nothing here for a
/// while is ahead of those that always have by `head_start` of work, so a user who asks now and
/// then does not wait for those who ask all the time, however many they are. Costs are in any one
/// unit. Unbounded: the caller checks `size` and `size_of`.
template<class Key, class Item>
class fair_queue {
public:
  explicit fair_queue(std::uint64_t head_start) : head_start_(head_start), now_(head_start) {}

  bool empty() const noexcept { return heap_.empty(); }
  std::size_t size() const noexcept { return heap_.size(); }
  /// Returns how many items of `key` wait.
  std::size_t size_of(const Key& key) const {
    const auto known = known_.find(key);
    return known == known_.end() ? 0 : known->second.waiting;
  }

  void push(const Key& key, Item item, std::uint64_t cost) {
    auto& [who, of_key] = *known_.try_emplace(key).first;
    const auto start = std::max(of_key.finish, now_ - head_start_);
    of_key.finish = std::max(of_key.finish, now_) + cost;
    if (of_key.waiting++ == 0)
      ++waiting_keys_;
    heap_.push_back({start, pushed_++, cost, &of_key, std::move(item)});
    std::push_heap(heap_.begin(), heap_.end(), std::greater{});
  }

  /// What `pop` takes out next; not of an empty queue.
  const Item& next() const { return heap_.front().item; }

  /// The next item; not of an empty queue.
  Item pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater{});
    auto next = std::move(heap_.back());
    heap_.pop_back();
    pass(next.start, next.cost);
    if (--next.of->waiting == 0)
      --waiting_keys_;
    forget();
    return std::move(next.item);
  }

private:
  struct account {
    std::uint64_t finish = 0; ///< when all of its work is done, in virtual time
    std::size_t waiting = 0;
  };
  struct entry {
    std::uint64_t start; ///< in virtual time
    std::uint64_t order;
    std::uint64_t cost;
    account* of; ///< stays where it is as long as something of its key waits
    Item item;

    friend bool operator>(const entry& left, const entry& right) noexcept {
      return std::pair{left.start, left.order} > std::pair{right.start, right.order};
    }
  };

  /// Virtual time goes on to `start`; what comes ahead of it takes a share from all who wait, or
  /// those who come anew could hold up the others for ever.
  void pass(std::uint64_t start, std::uint64_t cost) {
    if (start >= now_) {
      now_ = start;
      return;
    }
    ahead_ += cost;
    now_ += ahead_ / waiting_keys_;
    ahead_ %= waiting_keys_;
  }

  /// Accounts that say no more than that nothing is known. Looks at all of them once in a while.
  void forget() {
    if (heap_.empty()) {
      known_.clear();
      return;
    }
    if (known_.size() < look_at_)
      return;
    std::erase_if(known_, [this](const auto& each) {
      return each.second.waiting == 0 && each.second.finish <= now_ - head_start_;
    });
    look_at_ = 2 * known_.size() + min_look;
  }

  static constexpr std::size_t min_look = 64;

  std::uint64_t head_start_;
  std::uint64_t now_;       ///< virtual time; not less than `head_start_`
  std::uint64_t ahead_ = 0; ///< work that has come ahead of time and is not yet in `now_`
  std::uint64_t pushed_ = 0;
  std::size_t waiting_keys_ = 0;
  std::vector<entry> heap_; ///< the next first, as of std::push_heap
  std::unordered_map<Key, account> known_;
  std::size_t look_at_ = min_look; ///< so many accounts are looked at
};

} // namespace klatch::actors
