/// Who is closed when, while the service stops.
#pragma once

#include "messages/interfaces.hpp"
#include "messages/supervision_messages.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Goes through the connections twice: those that can be told when to come back are closed in a
/// quarter of the time at most, a slice at each step, so that no worker is held up; the others are
/// spread evenly over as long as it takes to let them in again, half of the time at most.
class drain_plan {
public:
  using milliseconds = std::chrono::milliseconds;

  /// Between two slices.
  static constexpr milliseconds step{10};
  /// Closed at a step at least; more if the time is too short for that.
  static constexpr std::size_t least_slice = 256;
  /// The least that a client is asked to stay away: as long as a start may take.
  static constexpr std::uint64_t least_wait_ms = 500;

  /// What is due at a step.
  struct slice {
    std::span<const connection_actor> all;   ///< first of each: plain clients stay for now
    std::span<const connection_actor> plain; ///< whoever is left of these
  };

  /// Goes through `connections` in a random order, so that plain clients are spread evenly whoever
  /// came first.
  drain_plan(std::vector<connection_actor> connections, const drain& asked, std::mt19937_64& random)
      : connections_(std::move(connections)), grace_(asked.grace_ms),
        return_ms_(connections_.size() * 1'000 / asked.reconnect_rate) {
    // As std::shuffle does, but the same with every library.
    for (auto left = connections_.size(); left > 1; --left)
      std::swap(connections_[left - 1], connections_[random() % left]);
  }

  /// When a client is to come back: evenly spread over as long as it takes to let all in.
  std::uint64_t wait_ms(std::mt19937_64& random) const {
    return least_wait_ms + random() % (return_ms_ + 1);
  }

  /// What is due `since_start`, which never goes back.
  slice next(milliseconds since_start) {
    const auto quarter = static_cast<std::size_t>(grace_ / 4 / step) + 1; // in steps
    const auto told =
        slice_of(told_, told_ + std::max(least_slice, connections_.size() / quarter + 1));
    return {told, slice_of(closed_, plain_due(since_start))};
  }

  /// Nothing is due from now on.
  void end() {
    connections_.clear();
    closed_ = told_ = 0;
  }

  /// Nothing is due any more.
  bool over() const noexcept { return closed_ == connections_.size(); }

private:
  /// How many of the connections are not to stay any more, whatever they speak.
  std::size_t plain_due(milliseconds since_start) const {
    const auto spread = std::min(milliseconds{return_ms_}, grace_ / 2);
    if (since_start + step >= spread)
      return told_;
    const auto passed = static_cast<std::size_t>(since_start / milliseconds{1});
    const auto whole = static_cast<std::size_t>(spread / milliseconds{1});
    return std::min(told_, 1 + connections_.size() * passed / whole);
  }

  /// From `begin`, which is moved, up to `end`, if there are as many.
  std::span<const connection_actor> slice_of(std::size_t& begin, std::size_t end) const {
    const auto from = begin;
    begin = std::max(from, std::min(end, connections_.size()));
    return std::span{connections_}.subspan(from, begin - from);
  }

  std::vector<connection_actor> connections_;
  milliseconds grace_;
  std::uint64_t return_ms_; ///< how long it takes to let all in again
  std::size_t told_ = 0;
  std::size_t closed_ = 0;
};

} // namespace klatch::actors
