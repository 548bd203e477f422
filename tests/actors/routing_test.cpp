// From one connection to another, by way of the directory the first time only.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch::test {

TEST_CASE("messages go both ways, between all shards", "[routing]") {
  world around{{.shards = 3}};
  for (std::size_t of_anna = 0; of_anna < 3; ++of_anna)
    for (std::size_t of_boris = 0; of_boris < 3; ++of_boris) {
      const auto project = std::to_string(of_anna) + '-' + std::to_string(of_boris);
      const auto anna_id = around.user_in_shard(of_anna, project);
      const auto boris_id = around.user_in_shard(of_boris, project, 1000);
      auto& anna = around.join(anna_id, project);
      auto& boris = around.join(boris_id, project);
      anna.push_message(boris_id, "there");
      boris.expect_message(anna_id, "there");
      boris.push_message(anna_id, "and back");
      anna.expect_message(boris_id, "and back");
      anna.expect_nothing();
      boris.expect_nothing();
    }
}

TEST_CASE("the second message needs no look-up", "[routing]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  const auto before = anna.transport().pauses();
  anna.push_message("boris", "first");
  CHECK(around.run() == 3); // the look-up, its answer, the delivery
  CHECK(anna.transport().pauses() == before + 1);
  anna.push_message("boris", "second");
  CHECK(around.run() == 1); // the delivery
  CHECK(anna.transport().pauses() == before + 1);
  boris.expect_message("anna", "first");
  boris.expect_message("anna", "second");
}

TEST_CASE("no frame is taken from a client while its look-up is under way", "[routing]") {
  world around;
  auto& anna = around.join("anna");
  around.join("boris");
  anna.push_message("boris", "m");
  CHECK(anna.transport().paused());
  around.run();
  CHECK_FALSE(anna.transport().paused());
}

TEST_CASE("the sender is told when the recipient is not connected", "[routing]") {
  world around;
  auto& anna = around.join("anna");
  anna.push(R"({"type":"user","to_id":5,"message":"hi"})");
  anna.expect_push(
      R"({"type":"system","message":"5 is not connected","error":"not_connected","to":"5"})");
  anna.expect_nothing();

  SECTION("and reaches who connects afterwards") {
    auto& five = around.join("5");
    anna.push_message("5", "now");
    five.expect_message("anna", "now");
    anna.expect_nothing();
  }
}

TEST_CASE("a recipient who goes is dropped from the senders' routes", "[routing]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  anna.push_message("boris", "m");
  boris.expect_message("anna", "m");
  boris.lose();
  around.run();
  anna.expect_nothing();
  anna.push_message("boris", "m");
  anna.expect_not_connected("boris");

  SECTION("and found again when back") {
    auto& back = around.join("boris");
    anna.push_message("boris", "again");
    back.expect_message("anna", "again");
    CHECK(boris.transport().waiting().empty());
  }
}

TEST_CASE("messages do not cross projects", "[routing]") {
  world around{{.shards = 2}};
  auto& anna = around.join("anna", "p");
  auto& here = around.join("boris", "p");
  auto& there = around.join("boris", "q");
  around.join("carla", "q");
  anna.push_message("boris", "within p");
  here.expect_message("anna", "within p");
  anna.push_message("carla", "from p to q");
  anna.expect_not_connected("carla");
  there.push_message("boris", "a note in q");
  there.expect_message("boris", "a note in q");
  there.expect_nothing();
  here.expect_nothing();
  here.lose();
  around.run();
  anna.push_message("boris", "only there");
  anna.expect_not_connected("boris");
  there.expect_nothing();
}

TEST_CASE("ids that are alike only when joined are different", "[routing]") {
  world around;
  auto& first = around.join("b", "a");
  auto& second = around.join("a", "b");
  first.push_message("b", "to b in a");
  first.expect_message("b", "to b in a");
  second.expect_nothing();
}

} // namespace klatch::test
