/// Addresses whose tokens are refused again and again.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace klatch::actors {

/// Counts refused tokens by address: who has more than so many in a minute is blocked for a minute,
/// and no token of theirs is looked at. Remembers 65,536 addresses at most; beyond, the one that
/// has failed the longest time ago is forgotten. Thread-safe; costs nothing while nobody fails.
class failure_limit {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes period{1};
  static constexpr std::size_t max_addresses = 65'536;

  /// `most`: refused tokens a minute of one address; 0 for no limit.
  explicit failure_limit(unsigned most) noexcept : most_(most) {}

  void set_most(unsigned most) noexcept { most_.store(most, std::memory_order_relaxed); }

  /// A token of `address` was refused.
  void note(std::string_view address, clock::time_point now) {
    const auto most = most_.load(std::memory_order_relaxed);
    if (most == 0)
      return;
    const std::lock_guard lock{mutex_};
    auto& entry = touch(std::string{address}, now);
    if (now - entry.begun >= period)
      entry = {now, 0, {}};
    if (++entry.count > most)
      entry.blocked_until = now + period;
    known_.store(entries_.size(), std::memory_order_relaxed);
  }

  /// Returns how long `address` is blocked still; zero: it is not.
  clock::duration blocked_for(std::string_view address, clock::time_point now) const {
    if (known_.load(std::memory_order_relaxed) == 0)
      return {};
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(std::string{address});
    if (found == entries_.end())
      return {};
    return std::max(found->second->second.blocked_until - now, clock::duration::zero());
  }

private:
  struct failures {
    clock::time_point begun;
    unsigned count = 0;
    clock::time_point blocked_until{};
  };
  /// The latest first.
  using order = std::list<std::pair<std::string, failures>>;

  failures& touch(std::string address, clock::time_point now) {
    const auto found = entries_.find(address);
    if (found != entries_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return found->second->second;
    }
    if (entries_.size() == max_addresses) {
      entries_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(std::move(address), failures{now});
    entries_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }

  std::atomic<unsigned> most_;
  std::atomic<std::size_t> known_ = 0;
  mutable std::mutex mutex_;
  order order_;
  std::unordered_map<std::string, order::iterator> entries_;
};

} // namespace klatch::actors
