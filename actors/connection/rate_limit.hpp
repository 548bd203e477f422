/// A limit on how often something may be done.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace klatch::actors {

/// So many a second, and so many bytes a second: one of many bytes counts as its bytes, one of few
/// as one. Bursts may be as much as `burst` allows. 0 is no limit, of either.
class rate {
public:
  using clock = std::chrono::steady_clock;

  static constexpr clock::duration usual_burst = std::chrono::seconds{3};

  constexpr explicit rate(unsigned per_second, std::size_t bytes_per_second = 0,
                          clock::duration burst = usual_burst) noexcept
      : interval_(per_second == 0 ? clock::duration::zero() : one_second / per_second),
        per_kib_(bytes_per_second == 0
                     ? clock::duration::zero()
                     : one_second * kib / static_cast<clock::rep>(bytes_per_second)),
        tolerance_(is_limit() ? burst - interval_ : clock::duration::zero()) {}

  /// So many a minute, and as many at once. 0 is no limit.
  static constexpr rate per_minute(unsigned most) noexcept {
    rate result{0};
    if (most > 0) {
      result.interval_ = clock::duration{std::chrono::minutes{1}} / most;
      result.tolerance_ = std::chrono::minutes{1} - result.interval_;
    }
    return result;
  }

  constexpr bool is_limit() const noexcept {
    return interval_ + per_kib_ != clock::duration::zero();
  }
  /// From one of `bytes` to the next.
  clock::duration cost(std::size_t bytes) const noexcept {
    return std::max(interval_, per_kib_ * static_cast<clock::rep>(bytes) / kib);
  }
  /// How far ahead of its time one may be.
  clock::duration tolerance() const noexcept { return tolerance_; }

private:
  static constexpr clock::duration one_second = std::chrono::seconds{1};
  static constexpr clock::rep kib = 1024;

  clock::duration interval_;
  clock::duration per_kib_;
  clock::duration tolerance_;
};

/// What has been taken of a rate: the generic cell rate algorithm, whose whole state is one point
/// in time. The rate itself is shared by many, and so an argument; another one counts from then on.
class rate_limit {
public:
  using clock = rate::clock;

  /// Takes one of `bytes` if anything may be taken at `now` and returns zero; otherwise takes
  /// nothing and returns how long to wait. However many bytes one has, it can be taken: what comes
  /// after it waits the longer.
  clock::duration take(const rate& of, clock::time_point now, std::size_t bytes = 0) noexcept {
    const auto wait = wait_for(of, now);
    if (wait == clock::duration::zero())
      charge(of, now, bytes);
    return wait;
  }

  /// How long to wait until something may be taken; zero: it may be at `now`.
  clock::duration wait_for(const rate& of, clock::time_point now) const noexcept {
    return std::max(due_ - now - of.tolerance(), clock::duration::zero());
  }

  /// Takes one of `bytes`, whether it may be taken or not.
  void charge(const rate& of, clock::time_point now, std::size_t bytes) noexcept {
    if (of.is_limit())
      due_ = std::max(due_, now) + of.cost(bytes);
  }

  /// Nothing was ever taken.
  bool unused() const noexcept { return due_ == clock::time_point{}; }

private:
  clock::time_point due_{};
};

} // namespace klatch::actors
