/// Delays counted from the moments that sends were meant for.
#pragma once

#include "bench/load/failure.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/swarm.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
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

  /// Returns the moment of the sender's message. Throws `failure` if it was never sent, as when a
  /// store still has messages of an earlier run.
  clock::time_point at(std::size_t sender, std::uint64_t number) const {
    const auto& sent = moments_.at(sender);
    if (number == 0 || number > sent.size())
      throw failure{"message " + std::to_string(number) + " of client " + std::to_string(sender) +
                    " arrived, and was never sent"};
    return sent[number - 1];
  }

  /// Returns true if that message is timed.
  bool is_timed(std::size_t sender, std::uint64_t number) const {
    return at(sender, number) >= timed_from_;
  }

  /// Adds the time from the message's moment to now.
  void time(latencies& to, std::size_t sender, std::uint64_t number) const {
    const auto moment = at(sender, number);
    if (moment >= timed_from_)
      to.add(clock::now() - moment);
  }

private:
  clock::time_point timed_from_ = clock::time_point::max();
  std::vector<std::vector<clock::time_point>> moments_;
};

} // namespace load
