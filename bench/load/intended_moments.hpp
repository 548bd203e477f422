/// Delays counted from the moments that sends were meant for.
#pragma once

#include "bench/load/latencies.hpp"
#include "bench/load/swarm.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

/// Which moment each sender's messages were meant for, by their numbers, which begin with 1.
class intended_moments {
public:
  using clock = swarm::clock;

  explicit intended_moments(std::size_t senders) : moments_(senders) {}

  std::size_t senders() const { return moments_.size(); }

  /// The sender's next message is meant for the moment.
  void add(std::size_t sender, clock::time_point moment) { moments_[sender].push_back(moment); }

  /// Only what is meant for a moment from now on is timed.
  void start() { timed_from_ = clock::now(); }

  /// Adds the time from the message's moment to now.
  void time(latencies& where, std::size_t sender, std::uint64_t number) const {
    const auto moment = moments_[sender][number - 1];
    if (moment >= timed_from_)
      where.add(clock::now() - moment);
  }

private:
  clock::time_point timed_from_ = clock::time_point::max();
  std::vector<std::vector<clock::time_point>> moments_;
};

} // namespace load
