#include "messages/clock.hpp"

#include <ctime>

namespace klatch {

namespace {

std::chrono::milliseconds time_since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::duration_cast<std::chrono::milliseconds>(
                                                std::chrono::nanoseconds{now.tv_nsec});
}

std::int64_t wall_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

} // namespace

clock machine_clock() {
  return {[] { return std::chrono::steady_clock::now(); }, time_since_boot, wall_time};
}

} // namespace klatch
