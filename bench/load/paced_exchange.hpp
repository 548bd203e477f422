/// Clients in pairs that write to each other at a fixed rate.
#pragma once

#include "bench/load/intended_moments.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/process.hpp"
#include "bench/load/send_schedule.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>

namespace load {

/// Sends through an exchange, the clients in turn, and times what comes of it from the moments that
/// the sends were meant for.
template<class Exchange>
class paced_exchange {
public:
  /// `clients` and `exchange` outlive this.
  paced_exchange(swarm& clients, Exchange& exchange, double rate)
      : exchange_(exchange), intended_(clients.size()),
        schedule_(clients, rate, [this](swarm::clock::time_point moment) { send(moment); }) {}

  /// Adds the time to now of the sender's message with that number, if it is measured.
  void time(latencies& where, std::size_t sender, std::uint64_t number) const {
    intended_.time(where, sender, number);
  }

  /// Returns true if that message is measured.
  bool is_timed(std::size_t sender, std::uint64_t number) const {
    return intended_.is_timed(sender, number);
  }

  /// The moment that the sender's message with that number was meant for.
  swarm::clock::time_point intended(std::size_t sender, std::uint64_t number) const {
    return intended_.at(sender, number);
  }

  /// Sends for both times, and measures in the second. Throws `failure` unless then exactly what is
  /// under way still arrives.
  nlohmann::ordered_json run(const time_options& times, const process& server,
                             const helpers& beside = {}) {
    schedule_.run(times.warm_up);
    schedule_.forget_lateness();
    intended_.start();
    auto usage = usage_of([&] { schedule_.run(times.duration); }, server, "delivered",
                          [&] { return exchange_.delivered(); }, beside);
    exchange_.finish();
    return usage;
  }

  /// How late the sends were.
  const latencies& late() const { return schedule_.late(); }

private:
  void send(swarm::clock::time_point moment) {
    intended_.add(turn_, moment);
    exchange_.send(turn_);
    turn_ = (turn_ + 1) % intended_.senders();
  }

  Exchange& exchange_;
  intended_moments intended_;
  std::size_t turn_ = 0;
  send_schedule schedule_;
};

} // namespace load
