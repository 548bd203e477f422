#include "bench/load/send_schedule.hpp"

#include <sys/prctl.h>
#include <utility>

namespace load {

send_schedule::send_schedule(swarm& clients, double rate, sender send)
    : clients_(clients),
      step_(std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(1 / rate))),
      next_(clock::now()), end_(next_), send_(std::move(send)) {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // ns; 50 µs otherwise
}

void send_schedule::run(std::chrono::duration<double> time) {
  end_ += std::chrono::duration_cast<clock::duration>(time);
  while (next_ < end_) {
    clients_.run_until(next_);
    for (const auto now = clock::now(); next_ <= now && next_ < end_; next_ += step_) {
      send_(next_);
      late_.add(now - next_);
    }
  }
}

bool is_mostly_lateness(const latencies& late, const latencies& measured) {
  constexpr double too_large_a_share = 0.5;
  const auto exceeds = [&](double share) {
    return late.quantile_ms(share) > measured.quantile_ms(share) * too_large_a_share;
  };
  return exceeds(0.5) || exceeds(0.99);
}

} // namespace load
