/// The time, as it is handed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace klatch {

/// Three clocks. All that runs below `app/` is handed one of these and asks no other, so that tests
/// and the simulator decide what time it is. Each may be called on any thread.
struct clock {
  /// For intervals and deadlines: never jumps, and stands still while the machine sleeps.
  std::function<std::chrono::steady_clock::time_point()> steady;
  /// Time since some moment in the past: never jumps, and goes on while the machine sleeps.
  std::function<std::chrono::milliseconds()> elapsed;
  /// The time of day, in ms since 1970 UTC: may jump either way when it is set.
  std::function<std::int64_t()> wall_ms;
};

/// Returns the machine's clocks. For `app/`, tests and benchmarks.
clock machine_clock();

} // namespace klatch
