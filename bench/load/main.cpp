/// Loads a chat server and measures what it needs. See bench/README.md.
#include "bench/load/command_line.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>

namespace {

enum exit_status : int { passed = 0, check_failed = 1, bad_arguments = 2 };

int report(const load::mode& chosen) {
  const auto name = chosen.command->get_name();
  try {
    const auto result = chosen.run();
    std::cout << result.dump() << std::endl;
    std::cerr << chosen.line(result) << std::endl;
    return passed;
  } catch (const std::exception& error) {
    using json = nlohmann::ordered_json;
    const json result{{"mode", name}, {"ok", false}, {"error", error.what()}};
    std::cout << result.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    std::cerr << name << ": " << error.what() << std::endl;
    return check_failed;
  }
}

int run(int argc, char** argv) {
  CLI::App app(
      "Loads a chat server and measures what it needs. Prints one JSON object. Exit status:\n"
      "0 measured, 1 a message was lost, cut, doubled or out of order, or something else\n"
      "failed, 2 bad arguments.");
  app.require_subcommand(1);
  const auto modes = load::add_modes(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? passed : bad_arguments;
  }
  return report(*std::find_if(modes.begin(), modes.end(),
                              [](const load::mode& each) { return each.command->parsed(); }));
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
