// Messages that are not stored: to whom they are delivered, and who is looked up.
#include "actors/connection/direct_delivery.hpp"
#include "tests/actors/fake_core.hpp"
#include "tests/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace klatch::test {

namespace {

struct sending {
  void message(std::string_view to, std::string_view text) {
    part.route(core, {to, text, {}, {}, {}, {}, {}}, {"", "r"});
  }
  void found(std::vector<int> devices) { part.on_lookup_result(core, devices); }

  /// Knows boris's devices 1 and 2.
  void follow_boris() {
    message("boris", "hi");
    found({1, 2});
    core.done();
  }

  fake_core core;
  actors::direct_delivery<int> part;
};

} // namespace

TEST_CASE_METHOD(sending, "a recipient is looked up once", "[part]") {
  message("boris", "hi");
  CHECK(core.done() == lines{"pause", "look up boris"});
  found({1, 2});
  CHECK(core.done() == lines{"deliver to 1 hi", "deliver to 2 hi", "send ack r", "resume"});
  message("boris", "again");
  CHECK(core.done() == lines{"deliver to 1 again", "deliver to 2 again", "send ack r"});
}

TEST_CASE_METHOD(sending, "a user who is not connected is looked up each time", "[part]") {
  for (int time = 0; time < 2; ++time) {
    message("boris", "hi");
    CHECK(core.done() == lines{"pause", "look up boris"});
    found({});
    CHECK(core.done() == lines{"send error not_connected r", "resume"});
  }
}

TEST_CASE_METHOD(sending, "siblings see what is sent, and what goes to oneself", "[part]") {
  part.set_siblings(core, {8, 9});
  follow_boris();
  message("boris", "hi");
  CHECK(core.done() == lines{"deliver to 1 hi", "deliver to 2 hi", "deliver to 8 hi",
                             "deliver to 9 hi", "send ack r"});
  part.on_sibling_changed(core, 8, false);
  part.on_sibling_changed(core, 7, true);
  message("anna", "note");
  CHECK(core.done() ==
        lines{"send usermsg note", "deliver to 9 note", "deliver to 7 note", "send ack r"});
  part.on_undelivered(core, "anna", 9);
  message("anna", "more");
  CHECK(core.done() == lines{"send usermsg more", "deliver to 7 more", "send ack r"});
}

TEST_CASE_METHOD(sending, "a device that has gone is not written to", "[part]") {
  follow_boris();
  SECTION("as the directory says") {
    part.on_device_gone("boris", 1);
    CHECK(core.done().empty());
  }
  SECTION("as it says itself") {
    part.on_undelivered(core, "boris", 1);
    CHECK(core.done().empty()); // The other one has it.
  }
  message("boris", "hi");
  CHECK(core.done() == lines{"deliver to 2 hi", "send ack r"});
}

TEST_CASE_METHOD(sending, "the sender is told that nobody took a message", "[part]") {
  follow_boris();
  part.on_undelivered(core, "boris", 1);
  part.on_undelivered(core, "boris", 2);
  CHECK(core.done() == lines{"send error not_connected"});
  message("boris", "hi");
  CHECK(core.done() == lines{"pause", "look up boris"});
}

TEST_CASE_METHOD(sending, "a user whose devices changed is looked up anew", "[part]") {
  follow_boris();
  part.on_devices_changed("boris");
  message("boris", "hi");
  CHECK(core.done() == lines{"pause", "look up boris"});
}

TEST_CASE_METHOD(sending, "a shard that is replaced answers no look-up and knows no follower",
                 "[part]") {
  follow_boris();
  message("carla", "hi");
  core.done();
  part.on_shards_replaced(core, [](std::string_view user) { return user == "dora"; });
  CHECK(core.done().empty());
  part.on_shards_replaced(core, [](std::string_view /*user*/) { return true; });
  CHECK(core.done() == lines{"send error unavailable r", "resume"});
  found({3}); // late: for nobody
  CHECK(core.done().empty());
  message("boris", "hi");
  CHECK(core.done() == lines{"pause", "look up boris"});
}

TEST_CASE_METHOD(sending, "a connection that ends follows nobody", "[part]") {
  follow_boris();
  message("carla", "hi");
  core.done();
  part.stop(core);
  CHECK(core.done() == lines{"unfollow boris", "unfollow carla"});
}

TEST_CASE_METHOD(sending, "no more users are followed than there is room for", "[part]") {
  for (std::size_t number = 0; number < actors::max_routes; ++number) {
    message("user-" + std::to_string(number), "hi");
    found({1});
  }
  core.done();
  message("boris", "hi");
  found({2});
  const auto done = core.done();
  REQUIRE(done.size() == 6);
  CHECK(done[2] == "deliver to 2 hi");
  CHECK(done[3].starts_with("unfollow user-"));
}

} // namespace klatch::test
