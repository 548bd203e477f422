/// How many guests are made for one address.
#pragma once

#include "actors/connection/rate_limit.hpp"
#include "actors/connection/recent_addresses.hpp"

#include <atomic>
#include <mutex>
#include <string_view>

namespace klatch::actors {

/// So many new guests a minute of each address, and as many at once. Remembers as many addresses as
/// `recent_addresses`. Thread-safe.
class guest_limit {
public:
  using clock = rate::clock;

  /// `most`: a minute; 0 for no limit.
  explicit guest_limit(unsigned most) noexcept : most_(most) {}

  void set_most(unsigned most) noexcept { most_.store(most, std::memory_order_relaxed); }

  /// Counts a new guest of `address` and returns zero; if it is one too many, counts nothing and
  /// returns how long to wait.
  clock::duration take(std::string_view address, clock::time_point now) {
    const auto of_each = rate::per_minute(most_.load(std::memory_order_relaxed));
    if (!of_each.is_limit())
      return {};
    const std::lock_guard lock{mutex_};
    return made_.touch(address, {}).take(of_each, now);
  }

private:
  std::atomic<unsigned> most_;
  std::mutex mutex_;
  recent_addresses<rate_limit> made_;
};

} // namespace klatch::actors
