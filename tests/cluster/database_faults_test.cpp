/// PostgreSQL is cut off, crashes, and is replaced by its standby.
#include "tests/catch.hpp"
#include "tests/cluster/scenario.hpp"

namespace klatch::clustered {

TEST_CASE("a node is cut from PostgreSQL", "[second]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a node is cut from PostgreSQL"};
  auto& fleet = run.machines();
  run.calm(4s);
  fleet.cut_from_database(0);
  run.fault("node 0 has no database", 12s);
  fleet.heal_node(0);
  run.fault("healed", 8s);
  run.finish();
}

TEST_CASE("PostgreSQL crashes", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"PostgreSQL crashes"};
  auto& fleet = run.machines();
  run.calm(4s);
  fleet.database().crash();
  run.fault("PostgreSQL is away for 3 s", 3s);
  fleet.database().start();
  run.fault("it is back", 8s);
  run.finish();
}

TEST_CASE("a synchronous standby takes over", "[second]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a synchronous standby takes over", {.standby = standby_kind::synchronous}};
  auto& fleet = run.machines();
  run.calm(5s);
  fleet.database().crash();
  run.fault("the primary is gone", 2s);
  fleet.standby().promote();
  run.fault("the standby is the primary", 9s);
  run.finish();
}

TEST_CASE("a synchronous standby is away", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"the synchronous standby is away", {.standby = standby_kind::synchronous}};
  auto& fleet = run.machines();
  run.calm(4s);
  fleet.standby().crash();
  run.fault("the primary waits for it", 13s);
  fleet.standby().start();
  run.fault("it is back", 9s);
  run.finish();
}

TEST_CASE("PostgreSQL's disk is full", "[second]") {
  if (!fleet::is_possible())
    return;
  scenario run{"PostgreSQL's disk is full", {.disk_mib = 256}};
  auto& fleet = run.machines();
  run.calm(4s);
  fleet.fill_disk();
  run.fault("there is no room", 8s);
  fleet.free_disk();
  run.fault("there is room", 9s);
  run.finish();
}

} // namespace klatch::clustered
