/// Moments at a fixed rate, whatever comes back: a stall delays what was meant for it and hides
/// nothing.
#pragma once

#include "bench/load/latencies.hpp"
#include "bench/load/swarm.hpp"

#include <cstdint>
#include <functional>

namespace load {

class send_schedule {
public:
  using clock = swarm::clock;
  /// Sends what was meant for that moment.
  using sender = std::function<void(clock::time_point intended)>;

  /// Starts now. Has timers of this thread end on time (prctl PR_SET_TIMERSLACK).
  send_schedule(swarm& clients, double rate, sender send);

  /// Serves the clients for so long, and sends at each moment of it.
  void run(std::chrono::duration<double> time);

  /// Forgets how late it was.
  void forget_lateness() { late_ = {}; }

  /// How late the sends were.
  const latencies& late() const { return late_; }

private:
  swarm& clients_;
  clock::duration step_;
  clock::time_point next_;
  clock::time_point end_;
  sender send_;
  latencies late_;
};

/// Where half of a latency or more is the load program's being late with a send, the latency says
/// more about the load program.
bool is_mostly_lateness(const latencies& late, const latencies& measured);

} // namespace load
