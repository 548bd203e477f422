/// A limit on how often something may be done.
#pragma once

#include <algorithm>
#include <chrono>

namespace klatch::actors {

/// So many a second, with bursts of three times that: the generic cell rate algorithm, whose whole
/// state is one point in time. A rate of 0 is no limit.
class rate_limit {
public:
  using clock = std::chrono::steady_clock;

  explicit rate_limit(unsigned per_second) noexcept
      : interval_(per_second == 0 ? clock::duration::zero()
                                  : clock::duration{std::chrono::seconds{1}} / per_second),
        tolerance_(std::chrono::seconds{per_second == 0 ? 0 : burst_factor} - interval_) {}

  /// Takes one if it may be taken at `now` and answers zero; otherwise takes nothing and answers
  /// how long to wait.
  clock::duration take(clock::time_point now) noexcept {
    if (interval_ == clock::duration::zero())
      return {};
    const auto due = std::max(due_, now);
    if (due - now > tolerance_)
      return due - now - tolerance_;
    due_ = due + interval_;
    return {};
  }

private:
  static constexpr int burst_factor = 3;

  clock::duration interval_;
  clock::duration tolerance_;
  clock::time_point due_{};
};

} // namespace klatch::actors
