/// Numbers that one thread counts and any other may read.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace klatch {

/// Only ever goes up. One thread adds, with a plain load and store: no locked instruction. Another
/// one reads some value that it has had, without waiting.
class counter {
public:
  void add(std::uint64_t more = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Threads as above.
class gauge {
public:
  explicit gauge(std::int64_t start = 0) noexcept : value_(start) {}

  void add(std::int64_t change) noexcept { set(value() + change); }
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_;
};

/// A counter for each value of an enumeration that begins at 0 and has `Size` values.
template<class Enum, std::size_t Size>
class counters_by {
public:
  counter& operator[](Enum which) noexcept { return all_[static_cast<std::size_t>(which)]; }
  std::span<const counter> all() const noexcept { return all_; }

private:
  std::array<counter, Size> all_;
};

/// How often values were in which range. Threads as above.
class histogram {
public:
  static constexpr std::size_t max_bounds = 13;

  /// `bounds`: the upper ends of the ranges, at most `max_bounds` ascending numbers, which outlive
  /// this. `unit`: what a 1 is in the unit of the metric.
  explicit histogram(std::span<const std::uint64_t> bounds, double unit) noexcept
      : bounds_(bounds.first(bounds.size() < max_bounds ? bounds.size() : max_bounds)),
        unit_(unit) {}

  void record(std::uint64_t value) noexcept {
    std::size_t at = 0;
    while (at < bounds_.size() && value > bounds_[at])
      ++at;
    counts_[at].add();
    sum_.add(value);
  }
  /// For bounds in nanoseconds.
  void record(std::chrono::nanoseconds value) noexcept {
    record(static_cast<std::uint64_t>(value.count() < 0 ? 0 : value.count()));
  }

  std::span<const std::uint64_t> bounds() const noexcept { return bounds_; }
  double unit() const noexcept { return unit_; }
  /// How many were in each range, and in the last one those beyond all bounds.
  std::span<const counter> counts() const noexcept {
    return std::span{counts_}.first(bounds_.size() + 1);
  }
  std::uint64_t sum() const noexcept { return sum_.value(); }

private:
  std::span<const std::uint64_t> bounds_;
  double unit_;
  std::array<counter, max_bounds + 1> counts_;
  counter sum_;
};

/// A histogram of durations, from 100 µs to a second.
class duration_histogram : public histogram {
public:
  duration_histogram() noexcept : histogram(bounds_ns, 1e-9) {}

private:
  static constexpr std::array<std::uint64_t, 13> bounds_ns{
      100'000,    250'000,    500'000,     1'000'000,   2'500'000,   5'000'000,    10'000'000,
      25'000'000, 50'000'000, 100'000'000, 250'000'000, 500'000'000, 1'000'000'000};
};

/// A histogram of small numbers, from 1 to 1,024.
class size_histogram : public histogram {
public:
  size_histogram() noexcept : histogram(powers_of_two, 1) {}

private:
  static constexpr std::array<std::uint64_t, 11> powers_of_two{1,  2,   4,   8,   16,  32,
                                                               64, 128, 256, 512, 1024};
};

} // namespace klatch
