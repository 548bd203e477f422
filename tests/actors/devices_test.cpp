// Several devices of one user.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch::test {

TEST_CASE("all devices of the recipient get a message, once", "[devices]") {
  world around{{.shards = 3}};
  auto& phone = around.join("anna");
  auto& laptop = around.join("anna");
  auto& tablet = around.join("anna");
  auto& boris = around.join("boris");
  for (const auto* text : {"first, looked up", "second, cached"}) {
    boris.push_message("anna", text);
    for (auto* device : {&phone, &laptop, &tablet}) {
      device->expect_message("boris", text);
      device->expect_nothing();
    }
    boris.expect_nothing();
  }
}

TEST_CASE("all devices of the sender but the sending one get a message, once", "[devices]") {
  world around{{.shards = 3}};
  auto& phone = around.join("anna");
  auto& laptop = around.join("anna");
  auto& tablet = around.join("anna");
  auto& boris = around.join("boris");
  for (const auto* text : {"first, looked up", "second, cached"}) {
    laptop.push_message("boris", text);
    for (auto* device : {&phone, &tablet, &boris}) {
      device->expect_message("anna", text);
      device->expect_nothing();
    }
    laptop.expect_nothing();
  }
}

TEST_CASE("a message to oneself reaches all one's devices, once", "[devices]") {
  world around{{.shards = 3}};
  auto& phone = around.join("anna");
  auto& laptop = around.join("anna");
  auto& boris = around.join("boris");
  phone.push_message("anna", "note");
  phone.expect_message("anna", "note");
  laptop.expect_message("anna", "note");
  for (auto* device : {&phone, &laptop, &boris})
    device->expect_nothing();
  CHECK(phone.transport().pauses() == 1); // for the registration, not for a look-up
}

TEST_CASE("a message to oneself from one's only device comes back", "[devices]") {
  world around;
  auto& anna = around.join("anna");
  anna.push_message("anna", "note");
  anna.expect_message("anna", "note");
  anna.expect_nothing();
}

TEST_CASE("nobody gets a message that was refused", "[devices]") {
  world around;
  auto& phone = around.join("anna");
  auto& laptop = around.join("anna");
  phone.push_message("nobody", "m");
  phone.expect_not_connected("nobody");
  phone.expect_nothing();
  laptop.expect_nothing();
}

TEST_CASE("a device that joins later gets messages from who has written before", "[devices]") {
  world around{{.shards = 2}};
  auto& phone = around.join("anna");
  auto& boris = around.join("boris");
  boris.push_message("anna", "to one");
  phone.expect_message("boris", "to one");
  auto& laptop = around.join("anna");
  boris.push_message("anna", "to two");
  phone.expect_message("boris", "to two");
  laptop.expect_message("boris", "to two");
  phone.push_message("boris", "from one");
  laptop.expect_message("anna", "from one");
  boris.expect_message("anna", "from one");
}

TEST_CASE("a device that goes is sent nothing more, the others are", "[devices]") {
  world around{{.shards = 2}};
  auto& phone = around.join("anna");
  auto& laptop = around.join("anna");
  auto& boris = around.join("boris");
  boris.push_message("anna", "to both");
  phone.expect_message("boris", "to both");
  laptop.expect_message("boris", "to both");
  phone.lose();
  around.run();
  boris.push_message("anna", "to one");
  CHECK(around.run() == 1); // one delivery
  laptop.expect_message("boris", "to one");
  boris.expect_nothing();
  laptop.push_message("boris", "from one");
  CHECK(around.run() >= 1);
  boris.expect_message("anna", "from one");
  CHECK(phone.transport().waiting().empty());
}

TEST_CASE("a device that registers again gets each message once", "[devices]") {
  world around;
  auto& phone = around.join("anna");
  auto& laptop = around.join("anna");
  auto& boris = around.join("boris");
  phone.push_registration("anna", "p", "Anna");
  phone.expect_acknowledgement();
  boris.push_message("anna", "m");
  for (auto* device : {&phone, &laptop}) {
    device->expect_message("boris", "m");
    device->expect_nothing();
  }
}

TEST_CASE("what devices are told grows with their number, not with its square", "[devices]") {
  const bool stored = GENERATE(false, true);
  INFO((stored ? "stored" : "not stored"));
  const auto cost_of_one = [stored](int others) {
    world_options chosen{.max_devices = 0};
    if (stored)
      chosen.store = store::make_memory_store("e");
    world around{chosen};
    for (int number = 0; number < others; ++number)
      around.join("anna");
    auto& last = around.connect();
    last.push_registration("anna", "p");
    auto handled = around.run();
    last.expect_acknowledgement();
    last.lose();
    return handled + around.run();
  };
  const auto few = cost_of_one(10);
  const auto many = cost_of_one(60);
  if (stored)
    CHECK(many == few); // the directory delivers: nobody is told of anybody
  else
    CHECK(many - few == 2 * 50); // each of the others of one who comes and one who goes
}

TEST_CASE("one more device than a user may have is refused", "[devices]") {
  const bool stored = GENERATE(false, true);
  world_options chosen{.shards = 2, .max_devices = 3};
  if (stored)
    chosen.store = store::make_memory_store("e");
  world around{chosen};
  auto& phone = around.join("anna");
  around.join("anna");
  auto& tablet = around.join_extended("anna");
  tablet.expect_members(R"({"type":"welcome"})");
  auto& plain = around.connect();
  plain.push_registration("anna", "p");
  plain.expect_members(R"({"type":"system","error":"too_many_devices"})");
  plain.expect_close(close_code::too_many_devices);
  auto& extended = around.join_extended("anna");
  extended.expect_members(R"({"type":"error","code":"too_many_devices"})");
  extended.expect_close(close_code::too_many_devices);
  around.join("boris");
  around.join("anna", "another project");

  SECTION("those who are there may register again") {
    phone.push_registration("anna", "p", "Anna");
    phone.expect_acknowledgement();
  }
  SECTION("when one has gone another may come") {
    phone.lose();
    around.run();
    around.join("anna");
  }
  SECTION("all of them are there after a shard was replaced") {
    for (std::size_t shard = 0; shard < 2; ++shard)
      around.kill_shard(shard);
    around.run();
    phone.expect_nothing();
    tablet.push(R"({"type":"user","to_id":"anna","message":"note"})");
    phone.expect_message("anna", "note");
  }
}

} // namespace klatch::test
