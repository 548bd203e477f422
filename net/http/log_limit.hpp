/// Keeps what anybody can cause from filling the log.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace klatch::net {

/// Lets one event a period be logged and counts the others. Thread-safe.
class log_limit {
public:
  using clock = std::chrono::steady_clock;

  explicit log_limit(clock::duration period) noexcept : period_(period) {}

  /// Call for each event. Returns how many were not logged since the last one that was, or nothing
  /// if this one is not to be logged either.
  std::optional<std::uint64_t> take(clock::time_point now) noexcept {
    auto due = due_.load(std::memory_order_relaxed);
    const auto current = now.time_since_epoch().count();
    if (current < due || !due_.compare_exchange_strong(due, current + period_.count())) {
      unlogged_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return unlogged_.exchange(0, std::memory_order_relaxed);
  }

private:
  clock::duration period_;
  std::atomic<clock::rep> due_ = 0;
  std::atomic<std::uint64_t> unlogged_ = 0;
};

} // namespace klatch::net
