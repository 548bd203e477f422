/// The modes of the program and their flags.
#pragma once

#include "bench/load/scenarios.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <vector>

namespace load {

/// A measurement that can be asked for by a subcommand.
struct mode {
  CLI::App* command;
  std::function<nlohmann::ordered_json()> run;
  std::function<std::string(const nlohmann::ordered_json& result)> line; ///< for people
};

/// Adds all subcommands to `app`; what comes back is valid as long as `app` is.
std::vector<mode> add_modes(CLI::App& app);

} // namespace load
