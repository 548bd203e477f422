/// Loads a chat server of the plain dialect and measures what it needs. See bench/README.md.
#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/scenarios.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

namespace {

enum exit_status : int { passed = 0, check_failed = 1, bad_arguments = 2 };

void add_server_flags(CLI::App& mode, load::target& server, pid_t& pid) {
  mode.add_option("--host", server.host, "IPv4 address of the server")->capture_default_str();
  mode.add_option("--port", server.port, "Its port")->required()->check(CLI::Range(1, 65535));
  mode.add_option("--path", server.path, "The path to upgrade")->capture_default_str();
  mode.add_option("--pid", pid, "Its process, on this machine")
      ->required()
      ->check(CLI::PositiveNumber);
}

void add_seconds(CLI::App& mode, const std::string& name, load::seconds& value,
                 const std::string& what) {
  mode.add_option_function<double>(
          name, [&value](const double& given) { value = load::seconds(given); }, what)
      ->check(CLI::Range(0.0, 3600.0))
      ->default_str(std::to_string(static_cast<int>(value.count())));
}

void add_idle(CLI::App& app, load::idle_options& options) {
  auto& mode = *app.add_subcommand("idle", "Memory and CPU of connections that do nothing");
  add_server_flags(mode, options.server, options.pid);
  mode.add_option("--connections", options.connections, "How many")
      ->capture_default_str()
      ->check(CLI::Range(2, 900'000));
  add_seconds(mode, "--settle", options.settle, "Seconds from the last registration on");
  add_seconds(mode, "--seconds", options.window, "Seconds of the idle time that is measured");
}

void add_pairs(CLI::App& app, load::pairs_options& options) {
  auto& mode = *app.add_subcommand("pairs", "CPU for each message between pairs of clients");
  add_server_flags(mode, options.server, options.pid);
  mode.add_option("--pairs", options.pairs, "How many, of two connections each")
      ->capture_default_str()
      ->check(CLI::Range(1, 450'000));
  mode.add_option("--window", options.window, "Messages under way from each client")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  mode.add_option("--size", options.text_bytes, "Bytes of a message's text")
      ->capture_default_str()
      ->check(CLI::Range(static_cast<int>(load::message_lane::min_text), 1'000'000));
  add_seconds(mode, "--warm-up", options.warm_up, "Seconds before the measured time");
  add_seconds(mode, "--seconds", options.duration, "Seconds that are measured");
}

std::string line_for_people(const nlohmann::ordered_json& result) {
  std::array<char, 256> line{};
  if (result.at("mode") == "idle") {
    std::snprintf(
        line.data(), line.size(),
        "idle: %zu connections, %.0f bytes resident each (Pss %.0f), %.1f ms CPU in %.0f s",
        result.at("connections").get<std::size_t>(),
        result.at("rested").at("rss_bytes_per_connection").get<double>(),
        result.at("rested").at("pss_bytes_per_connection").get<double>(),
        result.at("idle_cpu_ms").get<double>(), result.at("idle_seconds").get<double>());
  } else {
    std::snprintf(line.data(), line.size(),
                  "pairs: %.2f us server CPU a delivered message, %.0f messages/s; load program "
                  "%.0f %% busy%s",
                  result.at("server_cpu_us_per_message").get<double>(),
                  result.at("delivered_per_second").get<double>(),
                  result.at("load_busy_share").get<double>() * 100,
                  result.at("load_is_bottleneck").get<bool>() ? ": it is the bottleneck" : "");
  }
  return line.data();
}

int report(const std::string& mode, const std::function<nlohmann::ordered_json()>& scenario) {
  try {
    const auto result = scenario();
    std::cout << result.dump() << std::endl;
    std::cerr << line_for_people(result) << std::endl;
    return passed;
  } catch (const std::exception& error) {
    using json = nlohmann::ordered_json;
    const json result{{"mode", mode}, {"ok", false}, {"error", error.what()}};
    std::cout << result.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    std::cerr << mode << ": " << error.what() << std::endl;
    return check_failed;
  }
}

int run(int argc, char** argv) {
  load::idle_options idle;
  load::pairs_options pairs;
  idle.server = pairs.server = {"127.0.0.1", 0, "/chat/server.php"};

  CLI::App app(
      "Loads a chat server of the plain dialect and measures what it needs. Prints one JSON\n"
      "object. Exit status: 0 measured, 1 a message was lost, cut, doubled or out of order, or\n"
      "something else failed, 2 bad arguments.");
  app.require_subcommand(1);
  add_idle(app, idle);
  add_pairs(app, pairs);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? passed : bad_arguments;
  }
  if (app.got_subcommand("idle"))
    return report("idle", [&] { return load::run_idle(idle); });
  return report("pairs", [&] { return load::run_pairs(pairs); });
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
