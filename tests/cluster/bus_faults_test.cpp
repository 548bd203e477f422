/// The bus is cut, stopped and split: what is stored comes all the same, somewhat later.
#include "tests/catch.hpp"
#include "tests/cluster/scenario.hpp"

namespace klatch::clustered {

namespace {

/// Long before the slow look at all heads: what has not come by then nobody has missed. What took
/// the machine long before the fault, takes it as long with it.
double soon_enough(scenario& run) { return 5 + run.shared().times.longest_delivery("calm"); }

} // namespace

TEST_CASE("a node is cut from the bus", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a node is cut from NATS"};
  auto& fleet = run.machines();
  run.calm(4s);
  fleet.cut_from_bus(0);
  run.fault("node 0 has no bus", 10s);
  fleet.heal_node(0);
  run.fault("healed", 6s);
  run.finish();
  CHECK(run.shared().times.longest_delivery("no bus") < soon_enough(run));
}

TEST_CASE("all NATS servers are gone", "[second]") {
  if (!fleet::is_possible())
    return;
  scenario run{"no NATS server is there"};
  auto& fleet = run.machines();
  run.calm(4s);
  for (unsigned server = 0; server < fleet_size; ++server)
    fleet.kill_nats(server);
  run.fault("all NATS servers are killed", 8s);
  for (unsigned server = 0; server < fleet_size; ++server)
    fleet.start_nats(server);
  run.fault("they are back", 7s);
  run.finish();
  CHECK(run.shared().times.longest_delivery("killed") < soon_enough(run));
}

TEST_CASE("NATS servers do not reach each other", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"NATS is split"};
  auto& fleet = run.machines();
  run.calm(4s);
  fleet.cut_nats_apart(0);
  run.fault("NATS server 0 is cut from the others", 10s);
  fleet.heal_nats(0);
  run.fault("healed", 6s);
  run.finish();
  CHECK(run.shared().times.longest_delivery("cut") < soon_enough(run));
  // Otherwise it was no split that anybody has noticed.
  CHECK(run.shared().times.longest_delivery("cut") > 0.3);
}

} // namespace klatch::clustered
