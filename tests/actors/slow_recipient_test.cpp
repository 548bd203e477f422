// A recipient who does not read.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <chrono>

namespace klatch::test {

using namespace std::chrono_literals;

TEST_CASE("a slow recipient is closed, and nobody else notices", "[slow]") {
  world around{{.shards = 2}};
  auto& flood = around.join("flood");
  auto& anna = around.join("anna");
  auto& slow = around.join("slow");
  auto& boris = around.join("boris");
  anna.push_message("slow", "m");
  slow.expect_message("anna", "m");
  slow.keep_socket();
  slow.stop_reading(10);
  for (int number = 0; number < 11; ++number) {
    flood.push_message("slow", "m");
    flood.push_message("boris", "m");
  }
  slow.expect_close(close_code::slow);
  for (int number = 0; number < 11; ++number)
    boris.expect_message("flood", "m");
  boris.expect_nothing();

  SECTION("senders are told afterwards, whether they remember the recipient or not") {
    anna.push_message("slow", "remembered");
    anna.expect_not_connected("slow");
    boris.push_message("slow", "looked up");
    boris.expect_not_connected("slow");
  }
  SECTION("it may come back") {
    auto& back = around.join("slow");
    anna.push_message("slow", "again");
    back.expect_message("anna", "again");
  }
  SECTION("it is forgotten once its socket is gone") {
    slow.lose();
    around.advance(10s);
    CHECK(is_forgotten(slow.connection()));
  }
  anna.expect_nothing();
}

TEST_CASE("a slow device does not keep the others from the message", "[slow]") {
  world around;
  auto& anna = around.join("anna");
  auto& slow = around.join("boris");
  auto& quick = around.join("boris");
  slow.stop_reading(1);
  for (const auto* text : {"1", "2", "3"})
    anna.push_message("boris", text);
  slow.expect_close(close_code::slow);
  for (const auto* text : {"1", "2", "3"})
    quick.expect_message("anna", text);
  quick.expect_nothing();
  anna.expect_nothing();
}

TEST_CASE("a client that does not read its answers is closed", "[slow]") {
  world around;
  auto& anna = around.join("anna");
  anna.stop_reading(2);
  for (int number = 0; number < 3; ++number)
    anna.push("{");
  anna.expect_close(close_code::slow);
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
}

TEST_CASE("a client that does not read its own message to itself is closed", "[slow]") {
  world around;
  auto& anna = around.join("anna");
  auto& laptop = around.join("anna");
  anna.stop_reading(0);
  anna.push_message("anna", "note");
  anna.expect_close(close_code::slow);
  laptop.expect_message("anna", "note");
  laptop.push_message("anna", "alone");
  laptop.expect_message("anna", "alone");
  laptop.expect_nothing();
}

TEST_CASE("a client that cannot take the acknowledgement is closed and forgotten", "[slow]") {
  world around;
  auto& boris = around.join("boris");
  auto& anna = around.connect();
  anna.stop_reading(0);
  anna.push_registration("anna", "p");
  anna.expect_close(close_code::slow);
  boris.push_message("anna", "m");
  boris.expect_not_connected("anna");
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
}

} // namespace klatch::test
