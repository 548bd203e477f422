/// What finds the faults has to find them: logs, stores and standbys that are wrong on purpose.
#include "tests/catch.hpp"
#include "tests/cluster/scenario.hpp"

#include <algorithm>

namespace klatch::clustered {

using faults::told_log;

namespace {

constexpr std::int64_t any_time = 1'763'800'000'000;

told_log::place at(std::uint64_t number) { return {number, number, number, any_time}; }

void tell(follower& to, std::uint64_t number, told_log& log) {
  to.told("u2", "u1", faults::text_of("u2-" + std::to_string(number)), at(number), log);
}

} // namespace

TEST_CASE("a device's log: what is as promised is not reported", "[first]") {
  told_log log;
  follower to{"u1", "u1.phone"};
  tell(to, 1, log);
  to.acknowledged("u1", "u1-1", at(2), false, log);
  to.resume(2, log);
  to.acknowledged("u1", "u1-2", at(3), true, log); // Its own entry may yet come.
  to.told("u1", "u1", faults::text_of("u1-2"), at(3), log);
  CHECK(log.found().all() == 0);
}

TEST_CASE("a device's log: an acknowledgement that comes twice is reported", "[first]") {
  told_log log;
  follower to{"u1", "u1.phone"};
  to.acknowledged("u2", "u1-1", at(1), false, log);
  to.acknowledged("u2", "u1-1", at(1), false, log);
  CHECK(log.found().twice == 1);
}

TEST_CASE("a device's log: a gap is reported", "[first]") {
  told_log log;
  follower to{"u1", "u1.phone"};
  tell(to, 1, log);
  tell(to, 3, log);
  CHECK(log.found().gaps == 1);
  log.check_whole();
  CHECK(log.found().gaps > 1);
}

TEST_CASE("a device's log: an entry that comes twice is reported", "[first]") {
  told_log log;
  follower to{"u1", "u1.phone"};
  tell(to, 1, log);
  tell(to, 1, log);
  CHECK(log.found().twice == 1);
}

TEST_CASE("a device's log: another message at a seq is reported", "[first]") {
  told_log log;
  follower one{"u1", "u1.phone"};
  follower other{"u1", "u1.desk"};
  tell(one, 1, log);
  other.told("u2", "u1", faults::text_of("u2-9"), at(1), log);
  CHECK(log.found().changed > 0);
}

TEST_CASE("a device's log: a message with two numbers is reported", "[first]") {
  told_log log;
  follower to{"u1", "u1.phone"};
  tell(to, 1, log);
  to.told("u2", "u1", faults::text_of("u2-1"), at(2), log);
  CHECK(log.found().twice > 0);
}

TEST_CASE("a device's log: an inbox that ends earlier than it did is reported", "[first]") {
  told_log log;
  follower to{"u1", "u1.phone"};
  tell(to, 1, log);
  tell(to, 2, log);
  to.resume(1, log);
  CHECK(log.found().lost == 1);
}

TEST_CASE("an acknowledged message that is not stored is found", "[second]") {
  if (!fleet::is_possible())
    return;
  scenario run{"a message is taken out of the store"};
  run.calm(3s);
  run.settle();
  REQUIRE(run.faults_of_store() == "");
  run.machines().database().ask("DELETE FROM message WHERE (talk, n) = (SELECT talk, n FROM "
                                "message ORDER BY mid DESC LIMIT 1)");
  CHECK(run.faults_of_store() != "");
  CHECK(run.not_stored(run.shared().epochs.front()) > 0);
  run.pass();
}

TEST_CASE("an asynchronous standby loses messages, and everybody is told", "[first]") {
  if (!fleet::is_possible())
    return;
  scenario run{"an asynchronous standby takes over", {.standby = standby_kind::asynchronous}};
  auto& fleet = run.machines();
  run.shared().may_start_over = true;
  run.calm(3s);
  fleet.standby().end_replication();
  run.fault("the standby falls behind", 1s);
  fleet.database().crash();
  run.fault("the primary is gone", 1s);
  fleet.standby().promote();
  run.fault("the standby is the primary", 10s);
  run.settle();
  // The service has seen it, and has said so; its clients have started over.
  const auto told = fleet.log_of(0) + fleet.log_of(1) + fleet.log_of(2);
  CHECK(told.find("has lost messages that were acknowledged") != std::string::npos);
  REQUIRE(run.shared().epochs.size() == 2);
  // And so do we: of the old epoch something is missing, of the new one nothing.
  CHECK(run.not_stored(run.shared().epochs.front()) > 0);
  run.check();
  run.pass();
}

} // namespace klatch::clustered
