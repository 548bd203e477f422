/// Whatever comes, in any order: faults of a seed, one after the other.
///
/// KLATCH_CLUSTER_SECONDS: how long (45); KLATCH_CLUSTER_SEED: of the faults and of who sends what.
#include "tests/catch.hpp"
#include "tests/cluster/scenario.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace klatch::clustered {

namespace {

constexpr std::uint64_t shortest_ms = 1'000;
constexpr std::uint64_t longest_ms = 7'000;
constexpr std::uint64_t longest_calm_ms = 2'000;
/// All are compared with all then; what is told grows, and so does the time that takes.
constexpr std::chrono::seconds round{150};

struct some_fault {
  const char* name;
  std::function<void(fleet&, unsigned)> begin;
  std::function<void(fleet&, unsigned)> end;
};

const std::vector<some_fault>& all_faults() {
  static const auto heal = [](fleet& of, unsigned at) { of.heal_node(at); };
  static const std::vector<some_fault> all{
      {"kill", [](fleet& of, unsigned at) { of.kill_node(at); },
       [](fleet& of, unsigned at) { of.start_node(at); }},
      {"pause", [](fleet& of, unsigned at) { of.signal_node(at, SIGSTOP); },
       [](fleet& of, unsigned at) { of.signal_node(at, SIGCONT); }},
      {"no bus", [](fleet& of, unsigned at) { of.cut_from_bus(at); }, heal},
      {"no database", [](fleet& of, unsigned at) { of.cut_from_database(at); }, heal},
      {"lost packets", [](fleet& of, unsigned at) { of.lose_packets(at, 25); }, heal},
      {"no NATS server", [](fleet& of, unsigned at) { of.kill_nats(at); },
       [](fleet& of, unsigned at) { of.start_nats(at); }},
      {"NATS split", [](fleet& of, unsigned at) { of.cut_nats_apart(at); },
       [](fleet& of, unsigned at) { of.heal_nats(at); }},
      {"PostgreSQL crash", [](fleet& of, unsigned /*at*/) { of.database().crash(); },
       [](fleet& of, unsigned /*at*/) { of.database().start(); }},
  };
  return all;
}

void run_mixed(std::chrono::milliseconds how_long) {
  scenario run{"mixed"};
  run.calm(2s);
  std::chrono::milliseconds passed = 2s;
  while (passed < how_long) {
    const auto& fault = all_faults().at(run.up_to(all_faults().size() - 1));
    const auto at = static_cast<unsigned>(run.up_to(fleet_size - 1));
    const std::chrono::milliseconds lasts{shortest_ms + run.up_to(longest_ms - shortest_ms)};
    const std::chrono::milliseconds then{run.up_to(longest_calm_ms)};
    fault.begin(run.machines(), at);
    run.fault(std::string{fault.name} + ' ' + std::to_string(at), lasts);
    fault.end(run.machines(), at);
    run.fault("healing", then);
    passed += lasts + then;
  }
  run.fault("healing", 6s);
  run.finish();
}

} // namespace

TEST_CASE("faults come as a seed says", "[second][mixed]") {
  if (!fleet::is_possible())
    return;
  const auto* text = std::getenv("KLATCH_CLUSTER_SECONDS");
  std::chrono::seconds left{text != nullptr ? std::stol(text) : 45};
  for (; left > 0s; left -= round)
    run_mixed(std::min(left, round));
}

} // namespace klatch::clustered
