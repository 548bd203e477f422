/// One run, from its seed to its end.
#pragma once

#include "tests/simulation/coverage.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace klatch::simulation {

/// All that a run follows from.
struct recipe {
  std::uint64_t seed;
  options chosen;
  std::set<std::size_t> without{}; ///< numbers of events that do not happen
};

/// That of a seed alone.
inline recipe recipe_of(std::uint64_t seed) { return {seed, swarm(seed)}; }

struct verdict {
  std::string broken; ///< what is wrong, in a sentence; empty: nothing
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t messages = 0;
  std::uint64_t syncs = 0;
  std::uint64_t faults = 0;
  std::size_t events = 0; ///< that happened
  us virtual_time = 0;
  std::vector<trace_line> trace{};
};

/// Once a process, before the first run.
void prepare_runs();

/// Runs it. The same recipe has the same verdict, on every machine and with every compiler. One at
/// a time.
verdict run(const recipe& what, trace_detail wanted = trace_detail::none);

/// What is wrong without the numbers in it: by which failures are the same.
std::string kind_of(const std::string& broken);

} // namespace klatch::simulation
