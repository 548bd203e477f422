// A shard of the directory that dies: a successor takes over, and no client notices.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <limits>
#include <string>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// One user in a shard that dies and one in a shard that stays; each remembers the other.
struct two_shards {
  two_shards()
      : in_dying(around.user_in_shard(0)), in_living(around.user_in_shard(1)),
        dying(around.join(in_dying)), living(around.join(in_living)) {
    chat();
  }

  void chat() {
    dying.push_message(in_living, "there");
    living.push_message(in_dying, "back");
    living.expect_message(in_dying, "there");
    dying.expect_message(in_living, "back");
    dying.expect_nothing();
    living.expect_nothing();
  }

  world around{{.shards = 2}};
  std::string in_dying;
  std::string in_living;
  client& dying;
  client& living;
};

/// The shards as they are now, which the supervisor tells a connection with another version.
directory_table_ptr present_table(world& around) {
  directory_table_ptr result;
  const connection_actor asker = around.system().spawn(
      [&result](connection_actor::pointer self) -> connection_actor::behavior_type {
        return {
            [](const delivery&) {},
            [](const inbox_entry&) {},
            [](const undelivered&) {},
            [](const introduction&) {},
            [](const registered&) {},
            [](const lookup_result&) {},
            [](const route_changed&) {},
            [](const sibling_changed&) {},
            [](const device_refused&) {},
            [](const notice&) {},
            [&result, self](const directory_changed& changed) {
              result = changed.table;
              self->quit();
            },
            [](const inboxes_moved&) {},
            [](const inbox_grown&) {},
            [](const going_away&) {},
            [](const duplicate&) {},
            [](const store_failed&) {},
            [](const mark_failed&) {},
            [](const client_frame&) {},
            [](const inbox_opened&) {},
            [](const inbox_page&) {},
            [](const query_result&) {},
            [](const ids_resolved&) {},
            [](const read_failed&) {},
            [](const reader_lost&) {},
            [](const delivery_due&) {},
            [](const held_due&) {},
            [](const read_again&) {},
            [](const transport_closing&) {},
            [](const transport_closed&) {},
        };
      });
  caf::anon_send(around.supervisor(), watch{asker, std::numeric_limits<std::uint64_t>::max()});
  around.run();
  REQUIRE(result != nullptr);
  return result;
}

bool is_running(world& around, const supervisor_actor& supervisor) {
  caf::scoped_actor self{around.system()};
  self->monitor(supervisor);
  around.run();
  bool ended = false;
  self->receive([&](const caf::down_msg&) { ended = true; }, caf::after(0s) >> [] {});
  return !ended;
}

} // namespace

TEST_CASE_METHOD(two_shards, "users of a shard that died are registered again unnoticed",
                 "[supervisor]") {
  const auto pauses = dying.transport().pauses();
  around.kill_shard(0);
  around.run();
  CHECK(present_table(around)->version == 1);
  CHECK(present_table(around)->shards[0] != around.shards().shards[0]);
  CHECK(present_table(around)->shards[1] == around.shards().shards[1]);
  dying.expect_nothing();
  living.expect_nothing();
  CHECK(dying.transport().pauses() == pauses);
  chat();

  SECTION("and are found by who looks them up for the first time") {
    auto& other = around.join("other");
    other.push_message(in_dying, "hi");
    dying.expect_message("other", "hi");
    dying.push_message("other", "hello");
    other.expect_message(in_dying, "hello");
  }
  SECTION("and are missed when they leave") {
    dying.lose();
    around.run();
    living.push_message(in_dying, "gone?");
    living.expect_not_connected(in_dying);
    around.advance(10s);
    CHECK(is_forgotten(dying.connection()));
  }
  SECTION("and followed as before") {
    auto& laptop = around.join(in_dying);
    living.push_message(in_dying, "to both");
    dying.expect_message(in_living, "to both");
    laptop.expect_message(in_living, "to both");
  }
  SECTION("and the successor is replaced as well") {
    caf::anon_send_exit(present_table(around)->shards[0], caf::exit_reason::kill);
    around.run();
    CHECK(present_table(around)->version == 2);
    chat();
  }
}

TEST_CASE_METHOD(two_shards, "all devices of users of a shard that died stay", "[supervisor]") {
  auto& laptop = around.join(in_dying);
  around.kill_shard(0);
  around.run();
  living.push_message(in_dying, "to both");
  for (auto* device : {&dying, &laptop}) {
    device->expect_message(in_living, "to both");
    device->expect_nothing();
  }
  laptop.push_message(in_living, "from one");
  dying.expect_message(in_dying, "from one");
  living.expect_message(in_dying, "from one");
}

TEST_CASE_METHOD(two_shards, "a client that connects after a shard died learns of its successor",
                 "[supervisor]") {
  around.kill_shard(0);
  around.run();
  const auto id = around.user_in_shard(0, "p", 1000);
  auto& late = around.join(id); // starts with the first table
  late.push_message(in_dying, "hi");
  dying.expect_message(id, "hi");
  living.push_message(id, "hi");
  late.expect_message(in_living, "hi");
}

TEST_CASE_METHOD(two_shards, "a registration under way is acknowledged although its shard died",
                 "[supervisor]") {
  const auto id = around.user_in_shard(0, "p", 1000);
  auto& late = around.connect();
  around.kill_shard(0);
  late.push_registration(id, "p");
  late.push_message(in_dying, "hi");
  late.expect_acknowledgement();
  dying.expect_message(id, "hi");
  late.expect_nothing();
}

TEST_CASE_METHOD(two_shards,
                 "a second registration under way is acknowledged once although its shard died",
                 "[supervisor]") {
  around.kill_shard(0);
  dying.push_registration(in_dying, "p", "new name");
  dying.expect_acknowledgement();
  dying.expect_nothing();
  chat();
}

TEST_CASE_METHOD(two_shards,
                 "a look-up under way at a shard that died is unavailable, the next one is not",
                 "[supervisor]") {
  auto& other = around.join("other");
  around.kill_shard(0);
  other.push_message(in_dying, "hi");
  CHECK(other.transport().paused());
  other.expect_error(error_code::unavailable);
  CHECK_FALSE(other.transport().paused());
  other.push_message(in_dying, "hi");
  dying.expect_message("other", "hi");
  other.expect_nothing();
}

TEST_CASE_METHOD(two_shards, "a user who leaves while a shard is replaced is gone",
                 "[supervisor]") {
  around.kill_shard(0);
  dying.lose();
  around.run();
  living.push_message(in_dying, "m");
  living.expect_not_connected(in_dying);
  around.advance(10s);
  CHECK(is_forgotten(dying.connection()));
}

TEST_CASE("others are told of departures by the successor too", "[supervisor]") {
  world around{{.shards = 2, .announces = departure_notices::name}};
  auto& boris = around.join(around.user_in_shard(0));
  const auto id = around.user_in_shard(0, "p", 1000);
  auto& anna = around.join(id, "p", "Anna");
  auto& carla = around.join(around.user_in_shard(1));
  around.kill_shard(0);
  around.run();
  anna.lose();
  around.advance(5s);
  boris.expect_notice("Anna disconnected", id);
  carla.expect_notice("Anna disconnected", id);
}

TEST_CASE("five shards that die within 10 s are replaced", "[supervisor]") {
  world around{{.shards = 6}};
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  for (std::size_t index = 0; index < 5; ++index)
    around.kill_shard(index);
  around.run();
  CHECK(is_running(around, around.supervisor()));
  anna.push_message("boris", "m");
  boris.expect_message("anna", "m");

  SECTION("a sixth is one too many") {
    around.advance(10s);
    around.kill_shard(5);
    around.run();
    CHECK_FALSE(is_running(around, around.supervisor()));
  }
  SECTION("a sixth later is mended too") {
    around.advance(10'001ms);
    around.kill_shard(5);
    around.run();
    CHECK(is_running(around, around.supervisor()));
    boris.push_message("anna", "m");
    anna.expect_message("boris", "m");
  }
}

TEST_CASE("a connection can leave when no shard is left", "[supervisor]") {
  world around{{.shards = 6}};
  auto& anna = around.join("anna");
  for (std::size_t index = 0; index < 6; ++index)
    around.kill_shard(index);
  around.run();
  REQUIRE_FALSE(is_running(around, around.supervisor()));
  anna.lose();
  around.run();
  CHECK(is_forgotten(anna.connection()));
}

TEST_CASE("a supervisor that gives up ends with an error", "[supervisor]") {
  world around{{.shards = 6}};
  caf::scoped_actor self{around.system()};
  self->monitor(around.supervisor());
  for (std::size_t index = 0; index < 6; ++index)
    around.kill_shard(index);
  around.run();
  caf::error reason;
  self->receive([&](const caf::down_msg& down) { reason = down.reason; }, caf::after(0s) >> [] {});
  CHECK(reason);
  CHECK(reason != caf::exit_reason::normal);
}

} // namespace klatch::test
