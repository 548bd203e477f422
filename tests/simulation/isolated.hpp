/// Runs in processes of their own: one that crashes or hangs is a failure like any other.
#pragma once

#include "tests/simulation/coverage.hpp"
#include "tests/simulation/run.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace klatch::simulation {

/// Runs one recipe in a process of its own. The verdict has no trace.
verdict run_isolated(const recipe& what);

/// Which seeds are run.
struct range {
  std::uint64_t first = 1;
  std::uint64_t last = UINT64_MAX; ///< or until the time is over
};

struct many_options {
  range seeds{};
  std::optional<double> seconds{}; ///< nothing: until the last seed
  unsigned processes = 1;
  bool stop_at_failure = false;
  std::function<recipe(std::uint64_t seed)> make; ///< of a seed
  /// Is called for each seed that fails, as soon as it has, with what is wrong.
  std::function<void(std::uint64_t seed, const std::string& broken)> on_failure;
};

/// What has come of many.
struct summary {
  std::uint64_t runs = 0;
  std::uint64_t failures = 0;
  std::uint64_t steps = 0;
  std::uint64_t messages = 0;
  std::uint64_t syncs = 0;
  std::uint64_t faults = 0;
  std::uint64_t hash = 0; ///< of all runs, in whatever order they were
  us virtual_time = 0;
  double seconds = 0;
  std::optional<std::uint64_t> first_failure{};
  coverage reached{};
};

summary run_many(const many_options& how);

} // namespace klatch::simulation
