#include "app/readiness.hpp"

#include <algorithm>

namespace klatch::app {

bool readiness::all_alive(std::chrono::steady_clock::time_point now) const noexcept {
  return std::all_of(workers_.begin(), workers_.end(), [now](const net::worker* each) {
    return now - each->last_beat() < stuck_after;
  });
}

std::vector<std::string_view> readiness::reasons(std::chrono::steady_clock::time_point now) const {
  std::vector<std::string_view> result;
  if (draining())
    result.emplace_back("draining");
  if (!stored_.writable())
    result.emplace_back("store_not_writable");
  if (!all_alive(now))
    result.emplace_back("worker_stuck");
  return result;
}

} // namespace klatch::app
