// A recipient who leaves in the middle of a delivery.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <cstddef>
#include <random>
#include <string>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// `anna` has written to `boris`, and so remembers him.
struct acquainted {
  explicit acquainted(const world_options& chosen = {})
      : around(chosen), anna(around.join("anna")), boris(around.join("boris")) {
    anna.push_message("boris", "before");
    boris.expect_message("anna", "before");
  }

  world around;
  client& anna;
  client& boris;
};

} // namespace

TEST_CASE_METHOD(acquainted, "a delivery in the mailbox of who leaves comes back", "[leaving]") {
  anna.push_message("boris", "too late");
  boris.lose();
  anna.expect_not_connected("boris");
  anna.expect_nothing();
  CHECK(boris.transport().waiting().empty());
}

TEST_CASE_METHOD(acquainted, "a delivery to who has begun to leave comes back", "[leaving]") {
  boris.keep_socket();
  boris.transport().close(close_code::normal);
  around.run_next(boris.connection());
  anna.push_message("boris", "too late");
  anna.expect_not_connected("boris");
  anna.expect_nothing();
}

TEST_CASE_METHOD(acquainted, "the sender learns of each message that comes back, once",
                 "[leaving]") {
  boris.lose();
  anna.push_message("boris", "one");
  anna.push_message("boris", "two");
  anna.expect_not_connected("boris");
  anna.expect_not_connected("boris");
  anna.expect_nothing();
}

TEST_CASE_METHOD(acquainted, "a delivery to who is gone, before the sender knows, is told of",
                 "[leaving]") {
  boris.lose();
  around.run_next(boris.connection()); // closing: asks the directory to forget
  around.run_next(boris.connection()); // closed: ends
  anna.push_message("boris", "too late");
  anna.expect_not_connected("boris");
  anna.expect_nothing();
}

TEST_CASE("a sender learns nothing if the recipient has another device left", "[leaving]") {
  acquainted pair;
  auto& laptop = pair.around.join("boris");
  pair.anna.push_message("boris", "m");
  pair.boris.lose();
  laptop.expect_message("anna", "m");
  pair.anna.expect_nothing();
  pair.anna.push_message("boris", "n");
  laptop.expect_message("anna", "n");
  pair.anna.expect_nothing();
}

TEST_CASE("a sender learns once that all devices of the recipient leave", "[leaving]") {
  acquainted pair;
  auto& laptop = pair.around.join("boris");
  pair.anna.push_message("boris", "m");
  pair.boris.lose();
  laptop.lose();
  pair.anna.expect_not_connected("boris");
  pair.anna.expect_nothing();
}

TEST_CASE("a message that the sender's own leaving device did not take is not reported",
          "[leaving]") {
  acquainted pair;
  auto& tablet = pair.around.join("anna");
  pair.anna.push_message("boris", "m");
  tablet.lose();
  pair.boris.expect_message("anna", "m");
  pair.anna.expect_nothing();
}

TEST_CASE_METHOD(acquainted, "a sender who leaves meanwhile is not missed", "[leaving]") {
  anna.push_message("boris", "last words");
  anna.lose();
  boris.expect_message("anna", "last words");
  boris.expect_nothing();
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
}

TEST_CASE_METHOD(acquainted, "two users leave, each with a message for the other", "[leaving]") {
  boris.push_message("anna", "m");
  around.run();
  anna.push_message("boris", "m");
  boris.push_message("anna", "n");
  anna.lose();
  boris.lose();
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
  CHECK(is_forgotten(boris.connection()));
}

TEST_CASE_METHOD(acquainted, "a client that takes its time to close gets nothing more",
                 "[leaving]") {
  boris.keep_socket();
  boris.transport().close(close_code::normal);
  around.run();
  anna.push_message("boris", "m");
  anna.expect_not_connected("boris");
  CHECK(boris.transport().waiting().empty());
  boris.lose();
  around.advance(10s);
  CHECK(is_forgotten(boris.connection()));
}

TEST_CASE("a message arrives or its sender is told, at any interleaving", "[leaving]") {
  enum class way { slowly, at_once, by_a_fault };
  const auto seed = GENERATE(range(1U, 301U));
  const auto leaves = GENERATE(way::slowly, way::at_once, way::by_a_fault);
  CAPTURE(seed, static_cast<int>(leaves));
  std::mt19937 random{seed};
  acquainted pair{{.shards = 2}};
  const auto leave = [&] {
    if (leaves == way::by_a_fault)
      return world::kill(pair.boris.connection());
    if (leaves == way::at_once)
      return pair.boris.lose();
    pair.boris.keep_socket();
    pair.boris.transport().close(close_code::normal);
  };
  const std::size_t sent = 1 + random() % 12;
  const auto leaves_before = random() % sent;
  for (std::size_t number = 0; number < sent; ++number) {
    if (number == leaves_before)
      leave();
    pair.anna.push_message("boris", "m");
    for (auto steps = random() % 4; steps > 0; --steps)
      pair.around.step(random);
  }
  while (pair.around.step(random)) {
  }
  pair.around.run();
  const auto arrived = pair.boris.transport().waiting().size();
  CHECK(arrived <= leaves_before);
  for (auto told = arrived; told < sent; ++told)
    pair.anna.expect_not_connected("boris");
  pair.anna.expect_nothing();
  pair.boris.lose();
  pair.around.run();
  CHECK(is_forgotten(pair.boris.connection()));
}

} // namespace klatch::test
