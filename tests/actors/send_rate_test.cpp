// How often a connection may say something, under virtual time.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// Of 20 a second and a burst of 60.
struct limited {
  limited()
      : around({.allowed = limits{}}), anna(around.join("anna")), boris(around.join("boris")) {}

  void push(int count) {
    for (int number = 0; number < count; ++number)
      anna.push_message("boris", "m");
    around.run();
  }

  /// How many messages have arrived since last asked.
  std::size_t arrived() {
    around.run();
    const auto count = boris.transport().waiting().size();
    boris.transport().waiting().clear();
    return count;
  }

  int retry_ms() {
    const auto text = nlohmann::json::parse(anna.next());
    INFO(text);
    CHECK(text.at("type") == "system");
    CHECK(text.at("error") == "rate_limited");
    CHECK_FALSE(text.at("message").get<std::string>().empty());
    return text.at("retry_ms");
  }

  world around;
  client& anna;
  client& boris;
};

} // namespace

TEST_CASE_METHOD(limited, "a burst of 60 sends passes, the next is refused", "[send rate]") {
  push(60);
  CHECK(arrived() == 60);
  anna.expect_nothing();
  push(1);
  CHECK(arrived() == 0);
  CHECK(retry_ms() == 50);
  anna.expect_nothing();
}

TEST_CASE_METHOD(limited, "retry_ms says exactly how long to wait", "[send rate]") {
  push(60);
  CHECK(arrived() == 60);
  around.advance(20ms);
  push(1);
  CHECK(retry_ms() == 30);
  around.advance(29ms);
  push(1);
  CHECK(retry_ms() == 1);
  CHECK(arrived() == 0);
  around.advance(1ms);
  push(1);
  CHECK(arrived() == 1);
  anna.expect_nothing();
}

TEST_CASE_METHOD(limited, "after a burst 20 sends a second pass", "[send rate]") {
  push(60);
  CHECK(arrived() == 60);
  for (int number = 0; number < 600; ++number) {
    around.advance(50ms);
    push(1);
  }
  CHECK(arrived() == 600);
  anna.expect_nothing();
  push(1);
  CHECK(retry_ms() == 50);
}

TEST_CASE_METHOD(limited, "after three quiet seconds a whole burst of sends passes again",
                 "[send rate]") {
  push(60);
  CHECK(arrived() == 60);
  around.advance(1s);
  push(20);
  CHECK(arrived() == 20);
  around.advance(3s);
  push(60);
  CHECK(arrived() == 60);
  anna.expect_nothing();
  around.advance(1h);
  push(61);
  CHECK(arrived() == 60);
  CHECK(retry_ms() == 50);
}

TEST_CASE_METHOD(limited, "a client that ignores rate_limited is closed with 4529", "[send rate]") {
  push(60);
  CHECK(arrived() == 60);
  push(60);
  for (int number = 0; number < 60; ++number)
    CHECK(retry_ms() == 50);
  anna.expect_nothing();
  push(1);
  CHECK(retry_ms() == 50);
  anna.expect_close(close_code::rate_limited);
  CHECK(arrived() == 0);
  boris.push_message("anna", "m");
  boris.expect_not_connected("anna");
}

TEST_CASE_METHOD(limited, "a client that is rate_limited now and then stays", "[send rate]") {
  push(60);
  for (int number = 0; number < 300; ++number) {
    push(1);
    CHECK(retry_ms() == 50);
    around.advance(50ms);
    push(1);
  }
  CHECK(arrived() == 360);
  anna.expect_nothing();
}

TEST_CASE_METHOD(limited, "refused frames count for the send rate", "[send rate]") {
  for (int number = 0; number < 60; ++number) {
    anna.push("{");
    anna.expect_error(error_code::bad_json);
  }
  push(1);
  CHECK(retry_ms() == 50);
  CHECK(arrived() == 0);
}

TEST_CASE_METHOD(limited, "each connection has a send rate of its own", "[send rate]") {
  auto& laptop = around.join("anna");
  push(61);
  CHECK(arrived() == 60);
  CHECK(laptop.transport().waiting().size() == 60);
  laptop.push_message("boris", "m");
  CHECK(arrived() == 1);
}

TEST_CASE_METHOD(limited, "frames before a registration count for the send rate", "[send rate]") {
  auto& carla = around.connect();
  for (int number = 0; number < 60; ++number) {
    carla.push("{");
    carla.expect_error(error_code::bad_json);
  }
  carla.push_registration("carla", "p");
  carla.expect_error(error_code::rate_limited);
  around.advance(50ms);
  carla.push_registration("carla", "p");
  carla.expect_acknowledgement();
}

TEST_CASE("a send rate of 0 is no limit", "[send rate]") {
  limits allowed;
  allowed.send_rate = 0;
  world around{{.allowed = allowed}};
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  for (int number = 0; number < 1000; ++number)
    anna.push_message("boris", "m");
  around.run();
  CHECK(boris.transport().waiting().size() == 1000);
  anna.expect_nothing();
}

} // namespace klatch::test
