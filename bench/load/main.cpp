/// Loads a chat server and measures what it needs. See bench/README.md.
#include "bench/load/scenario_table.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

using json = nlohmann::ordered_json;

enum exit_status : int { passed = 0, check_failed = 1, bad_arguments = 2 };

int report(const load::scenario& chosen, const load::scenario::runner& run) {
  try {
    json result{{"mode", chosen.name}, {"ok", true}};
    result.update(run());
    std::cout << result.dump() << std::endl;
    std::cerr << load::text_of(chosen.line, chosen.name, result) << std::endl;
    return passed;
  } catch (const std::exception& error) {
    const json result{{"mode", chosen.name}, {"ok", false}, {"error", error.what()}};
    std::cout << result.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    std::cerr << chosen.name << ": " << error.what() << std::endl;
    return check_failed;
  }
}

int run(int argc, char** argv) {
  CLI::App app(
      "Loads a chat server and measures what it needs. Prints one JSON object. Exit status:\n"
      "0 measured, 1 a message was lost, cut, doubled or out of order, or something else\n"
      "failed, 2 bad arguments.");
  app.require_subcommand(1);
  const auto table = load::scenarios();
  std::vector<load::scenario::runner> runners;
  for (const auto& each : table)
    runners.push_back(each.add_flags(*app.add_subcommand(each.name, each.measures)));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? passed : bad_arguments;
  }
  std::size_t chosen = 0;
  while (!app.got_subcommand(table[chosen].name))
    ++chosen;
  return report(table[chosen], runners[chosen]);
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return check_failed;
  }
}
