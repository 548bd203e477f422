// What a connection remembers of others is bounded, and kept right by the directory.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

constexpr int most_routes = 256;

std::vector<client*> join_many(world& around, int count) {
  std::vector<client*> result;
  for (int number = 0; number < count; ++number)
    result.push_back(&around.join(std::to_string(number)));
  return result;
}

} // namespace

TEST_CASE("routes to up to 256 users are remembered", "[routes]") {
  world around{{.shards = 2}};
  const auto others = join_many(around, most_routes);
  auto& anna = around.join("anna");
  for (const auto* text : {"looked up", "remembered"})
    for (int number = 0; number < most_routes; ++number) {
      anna.push_message(std::to_string(number), text);
      others[static_cast<std::size_t>(number)]->expect_message("anna", text);
    }
  CHECK(anna.transport().pauses() == 1 + most_routes);
}

TEST_CASE("a route beyond 256 is looked up anew", "[routes]") {
  world around{{.shards = 2}};
  const auto others = join_many(around, most_routes + 1);
  auto& anna = around.join("anna");
  for (int number = 0; number <= most_routes; ++number)
    anna.push_message(std::to_string(number), "first");
  around.run();
  CHECK(anna.transport().pauses() == 1 + most_routes + 1);
  for (auto* other : others)
    other->expect_message("anna", "first");
  anna.expect_nothing();

  SECTION("and all go on getting messages, wherever they are remembered") {
    for (int number = 0; number <= most_routes; ++number)
      anna.push_message(std::to_string(number), "second");
    for (auto* other : others) {
      other->expect_message("anna", "second");
      other->expect_nothing();
    }
    anna.expect_nothing();
  }
  SECTION("and is not told any more when the one who was dropped changes") {
    const auto messages_of_leaving = [&](client& leaver) {
      leaver.lose();
      return around.run();
    };
    const auto usual = messages_of_leaving(around.join("a stranger to anna"));
    std::size_t told = 0;
    for (auto* other : others)
      told += messages_of_leaving(*other) - usual;
    CHECK(told == most_routes);
  }
}

TEST_CASE("a connection that ends leaves no trace in the directory", "[routes]") {
  world around{{.shards = 3}};
  auto& anna = around.join("anna");
  auto& laptop = around.join("anna");
  auto& boris = around.join("boris");
  auto& carla = around.join("carla");
  anna.push_message("boris", "m");
  anna.push_message("carla", "m");
  boris.push_message("anna", "m");
  around.run();
  anna.push_message("nobody", "m");
  SECTION("after everything was answered") {
    around.run();
    anna.lose();
  }
  SECTION("with a look-up under way") { anna.lose(); }
  SECTION("with a look-up under way of somebody who is there") {
    around.run();
    around.join("dora");
    anna.push_message("dora", "m");
    anna.lose();
  }
  SECTION("by a fault") {
    around.run();
    world::kill(anna.connection());
  }
  SECTION("by a fault, with a look-up under way of somebody who is there") {
    around.run();
    around.join("dora");
    anna.push_message("dora", "m");
    world::kill(anna.connection());
  }
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
  CHECK_FALSE(is_forgotten(boris.connection()));

  laptop.lose();
  boris.lose();
  carla.lose();
  around.advance(10s);
  for (auto* each : {&laptop, &boris, &carla})
    CHECK(is_forgotten(each->connection()));
}

TEST_CASE("a user who was not connected is not followed", "[routes]") {
  world around;
  auto& anna = around.join("anna");
  anna.push_message("boris", "m");
  anna.expect_not_connected("boris");
  anna.lose();
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
  around.join("boris");
}

TEST_CASE("a device that comes and goes costs followers no more than they have looked up",
          "[routes]") {
  world around;
  auto& anna = around.join("anna");
  std::vector<client*> followers;
  for (int number = 0; number < 30; ++number) {
    followers.push_back(&around.join(std::to_string(number)));
    followers.back()->push_message("anna", "m");
    anna.expect_message(std::to_string(number), "m");
  }
  const auto come_and_go = [&] {
    auto& laptop = around.connect();
    laptop.push_registration("anna", "p");
    auto handled = around.run();
    laptop.lose();
    return handled + around.run();
  };
  const auto first = come_and_go();
  const auto second = come_and_go();
  CHECK(first - second == followers.size());
  CHECK(come_and_go() == second);
  followers.front()->push_message("anna", "again");
  anna.expect_message("0", "again");
  CHECK(come_and_go() == second + 1);
}

TEST_CASE("very many followers are told in several turns", "[routes]") {
  world around;
  auto& anna = around.join("anna");
  const auto others = join_many(around, 1'500);
  for (auto* other : others)
    other->push_message("anna", "m");
  around.run();
  auto& laptop = around.connect();
  laptop.push_registration("anna", "p");
  laptop.tend();
  const auto& shard = around.shards().shards[0];
  around.run_next(shard); // registers, and tells the first of them
  std::size_t told = 0;
  for (auto* other : others)
    told += around.scheduler().prioritize(other->connection());
  CHECK(told == 1'000);
  laptop.expect_acknowledgement();
  for (auto* other : others)
    other->push_message("anna", "to both");
  for (std::size_t count = 0; count < others.size(); ++count)
    laptop.next();
  laptop.expect_nothing();
  CHECK(anna.transport().waiting().size() == 2 * others.size());
}

} // namespace klatch::test
