/// Keys that tokens name and that are not there: where keys come from, they may be new.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace klatch {

/// Decides when the set of keys is fetched: every `period`, and within `pause` of the last time
/// where somebody has a token whose key is not in it, or where that time failed. However many keys
/// are asked for, that is one fetch for all of them together; a key that a fetch has not brought is
/// remembered as missing and causes no other one. Remembers 1,024 keys at most; beyond, the one
/// that was first asked for is forgotten. Thread-safe.
class wanted_keys {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::size_t max_kids = 1'024;

  struct times {
    std::chrono::milliseconds period = std::chrono::minutes{10};
    std::chrono::milliseconds pause = std::chrono::seconds{30};
  };

  /// `on_asked` is called, on any thread, when `next_fetch` may have moved.
  wanted_keys(times when, std::function<void()> on_asked)
      : times_(when), on_asked_(std::move(on_asked)) {}

  /// Somebody has a token of the key `kid`, of at most `max_kid_bytes`, which is not there; empty:
  /// one that names no key. Returns true while it may still come; false: it was looked for in vain.
  bool ask(std::string_view kid) {
    {
      const std::lock_guard lock{mutex_};
      const auto found = sought_.find(std::string{kid});
      if (found != sought_.end())
        return found->second > last_good_;
      // One that is under way may have been answered before the key was there.
      remember(std::string{kid}, begun_ + 1);
      if (std::exchange(asked_, true))
        return true;
    }
    on_asked_();
    return true;
  }

  /// When the set is to be fetched next.
  clock::time_point next_fetch() const {
    const std::lock_guard lock{mutex_};
    return last_begin_ + (asked_ || failing_ ? times_.pause : times_.period);
  }

  /// A fetch begins. Returns its number.
  std::uint64_t begin_fetch(clock::time_point now) {
    const std::lock_guard lock{mutex_};
    last_begin_ = now;
    asked_ = false;
    return ++begun_;
  }
  /// The last one has ended; `good`: with a set of keys.
  void end_fetch(bool good) {
    const std::lock_guard lock{mutex_};
    failing_ = !good;
  }
  /// The keys that this one has brought are in force, so that who asks now does so in spite of
  /// them.
  void in_force(std::uint64_t fetch) {
    const std::lock_guard lock{mutex_};
    last_good_ = std::max(last_good_, fetch);
  }

private:
  void remember(std::string kid, std::uint64_t fetch) {
    if (order_.size() == max_kids) {
      sought_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(kid);
    sought_.emplace(std::move(kid), fetch);
  }

  const times times_;
  const std::function<void()> on_asked_;
  mutable std::mutex mutex_;
  clock::time_point last_begin_{};
  bool asked_ = false;
  bool failing_ = false;
  // Fetches by their numbers, from 1 on.
  std::uint64_t begun_ = 0;
  std::uint64_t last_good_ = 0;                           ///< whose keys are in force
  std::unordered_map<std::string, std::uint64_t> sought_; ///< the first fetch that has to bring it
  std::deque<std::string> order_;                         ///< as they were first asked for
};

} // namespace klatch
