/// The table of scenarios, from which come the subcommands, their flags and help, and what runs.
#pragma once

#include "bench/load/result_line.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <vector>

namespace load {

/// A row: what can be asked for by a subcommand.
struct scenario {
  /// Returns what was measured, without `mode` and `ok`.
  using runner = std::function<nlohmann::ordered_json()>;

  const char* name;
  const char* measures;
  result_line line; ///< for people
  /// Adds the flags to the subcommand. What comes back runs with what they were given.
  std::function<runner(CLI::App& command)> add_flags;
};

/// All of them, in the order of `--help`.
std::vector<scenario> scenarios();

} // namespace load
