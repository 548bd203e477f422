/// Addresses whose tokens are refused again and again.
#pragma once

#include "actors/connection/recent_addresses.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string_view>

namespace klatch::actors {

/// Counts refused tokens by address: who has more than so many in a minute is blocked for a minute,
/// and no token of theirs is looked at. Remembers as many addresses as `recent_addresses`.
/// Thread-safe; costs nothing while nobody fails.
class failure_limit {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes period{1};

  /// `most`: refused tokens a minute of one address; 0 for no limit.
  explicit failure_limit(unsigned most) noexcept : most_(most) {}

  void set_most(unsigned most) noexcept { most_.store(most, std::memory_order_relaxed); }

  /// A token of `address` was refused.
  void note(std::string_view address, clock::time_point now) {
    const auto most = most_.load(std::memory_order_relaxed);
    if (most == 0)
      return;
    const std::lock_guard lock{mutex_};
    auto& entry = failed_.touch(address, {now});
    if (now - entry.begun >= period)
      entry = {now, 0, {}};
    if (++entry.count > most)
      entry.blocked_until = now + period;
    known_.store(failed_.size(), std::memory_order_relaxed);
  }

  /// Returns how long `address` is blocked still; zero: it is not.
  clock::duration blocked_for(std::string_view address, clock::time_point now) const {
    if (known_.load(std::memory_order_relaxed) == 0)
      return {};
    const std::lock_guard lock{mutex_};
    const auto* found = failed_.find(address);
    if (found == nullptr)
      return {};
    return std::max(found->blocked_until - now, clock::duration::zero());
  }

private:
  struct failures {
    clock::time_point begun;
    unsigned count = 0;
    clock::time_point blocked_until{};
  };

  std::atomic<unsigned> most_;
  std::atomic<std::size_t> known_ = 0;
  mutable std::mutex mutex_;
  recent_addresses<failures> failed_;
};

} // namespace klatch::actors
