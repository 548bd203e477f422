/// Nodes are killed, paused and replaced.
#include "tests/catch.hpp"
#include "tests/cluster/scenario.hpp"

#include <csignal>

namespace klatch::clustered {

TEST_CASE("nodes are killed, and come back", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a node is killed"};
  auto& fleet = run.machines();
  run.calm(5s);
  fleet.kill_node(0);
  run.fault("node 0 is killed", 6s);
  fleet.start_node(0);
  run.fault("node 0 is back", 4s);
  fleet.kill_node(1);
  fleet.start_node(1);
  run.fault("node 1 is killed, and there again at once", 6s);
  run.finish();
}

TEST_CASE("a node is killed where PostgreSQL is the bus", "[second]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a node is killed, without NATS", {.bus = "postgres"}};
  auto& fleet = run.machines();
  run.calm(5s);
  fleet.kill_node(2);
  run.fault("node 2 is killed", 7s);
  fleet.start_node(2);
  run.fault("node 2 is back", 4s);
  run.finish();
}

TEST_CASE("a node stands still longer than its lease", "[second]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a node is paused"};
  auto& fleet = run.machines();
  run.calm(4s);
  fleet.signal_node(0, SIGSTOP);
  run.fault("node 0 is paused for 8 s", 8s);
  fleet.signal_node(0, SIGCONT);
  run.fault("node 0 goes on", 7s);
  run.finish();
  CHECK(fleet.log_of(0).find("goes on under a new one") != std::string::npos);
  CHECK(fleet.log_of(1).find("node node0 is gone") != std::string::npos);
}

TEST_CASE("nodes are replaced one after the other", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a rolling restart"};
  auto& fleet = run.machines();
  run.calm(3s);
  for (unsigned node = 0; node < fleet_size; ++node) {
    const auto name = "node " + std::to_string(node);
    fleet.signal_node(node, SIGTERM);
    run.fault(name + " drains", 5s);
    CHECK(fleet.wait_for_end(node) == 0);
    fleet.start_node(node);
    run.fault(name + " is new", 3s);
  }
  run.finish();
}

TEST_CASE("a node loses every fifth packet", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"packets are lost"};
  auto& fleet = run.machines();
  run.calm(3s);
  fleet.lose_packets(0, 20);
  run.fault("20 % of what goes to node 0 is lost", 9s);
  fleet.heal_node(0);
  run.fault("healed", 5s);
  run.finish();
}

} // namespace klatch::clustered
