/// A limit on how often something may be done.
#pragma once

#include <algorithm>
#include <chrono>

namespace klatch::actors {

/// So many a second, with bursts of three times that. A rate of 0 is no limit.
class rate {
public:
  using clock = std::chrono::steady_clock;

  explicit rate(unsigned per_second) noexcept
      : interval_(per_second == 0 ? clock::duration::zero()
                                  : clock::duration{std::chrono::seconds{1}} / per_second),
        tolerance_(std::chrono::seconds{per_second == 0 ? 0 : burst_factor} - interval_) {}

  bool is_limit() const noexcept { return interval_ != clock::duration::zero(); }
  /// From one to the next.
  clock::duration interval() const noexcept { return interval_; }
  /// How far ahead of its time one may be.
  clock::duration tolerance() const noexcept { return tolerance_; }

private:
  static constexpr int burst_factor = 3;

  clock::duration interval_;
  clock::duration tolerance_;
};

/// What has been taken of a rate: the generic cell rate algorithm, whose whole state is one point
/// in time. The rate itself is shared by many, and so an argument, always the same one.
class rate_limit {
public:
  using clock = rate::clock;

  /// Takes one if it may be taken at `now` and answers zero; otherwise takes nothing and answers
  /// how long to wait.
  clock::duration take(const rate& of, clock::time_point now) noexcept {
    if (!of.is_limit())
      return {};
    const auto due = std::max(due_, now);
    if (due - now > of.tolerance())
      return due - now - of.tolerance();
    due_ = due + of.interval();
    return {};
  }

  /// Nothing was ever taken.
  bool unused() const noexcept { return due_ == clock::time_point{}; }

private:
  clock::time_point due_{};
};

} // namespace klatch::actors
