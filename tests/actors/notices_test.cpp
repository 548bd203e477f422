// What others are told when somebody leaves.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

world_options telling(departure_notices announces, std::size_t shards = 1) {
  return {.shards = shards, .announces = announces};
}

} // namespace

TEST_CASE("a departure is announced to the project by name, after 5 s", "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  auto& laptop = around.join("boris");
  auto& stranger = around.join("carla", "another project");
  auto& unregistered = around.connect();
  around.join("7", "p", "mks", "192.0.2.7").lose();
  around.advance(4'999ms);
  boris.expect_nothing();
  around.advance(1ms);
  boris.expect_push(R"({"type":"system","message":"mks disconnected","id":"7"})");
  laptop.expect_notice("mks disconnected", "7");
  for (auto* each : {&boris, &laptop, &stranger, &unregistered})
    each->expect_nothing();
  around.advance(9s - 5s);
  boris.expect_nothing();
}

TEST_CASE("a departure is announced by address, as the original did", "[notices]") {
  world around{telling(departure_notices::ip)};
  auto& boris = around.join("boris");
  around.join("7", "p", "mks", "2001:db8::7").lose();
  around.advance(5s);
  boris.expect_push(R"({"type":"system","message":"2001:db8::7 disconnected","id":"7"})");
  boris.expect_nothing();
}

TEST_CASE("departures are not announced if that is switched off", "[notices]") {
  world around{telling(departure_notices::off)};
  auto& boris = around.join("boris");
  around.join("7", "p", "mks").lose();
  around.advance(5s);
  around.advance(5s);
  boris.expect_nothing();
}

TEST_CASE("a departure has the name that was registered last", "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  auto& anna = around.join("anna", "p", "Anna");
  anna.push_registration("anna", "p", "Anna K.");
  anna.expect_acknowledgement();
  anna.lose();
  around.advance(5s);
  boris.expect_notice("Anna K. disconnected", "anna");
}

TEST_CASE("a departure of one of two with the same name has the id", "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  around.join("7", "p", "Anna");
  around.join("a\"8", "p", "Anna").lose();
  around.advance(5s);
  boris.expect_notice("Anna disconnected", "a\"8");
}

TEST_CASE("a departure of a user without a name has the id", "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  around.join("7").lose();
  around.advance(5s);
  boris.expect_notice("7 disconnected", "7");
}

TEST_CASE("a reconnect within 5 s is not announced", "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  around.join("anna").lose();
  around.advance(4'999ms);
  auto& back = around.join("anna");
  around.advance(1h);
  boris.expect_nothing();
  back.expect_nothing();

  SECTION("but going for good is one") {
    back.lose();
    around.advance(5s);
    boris.expect_notice("anna disconnected", "anna");
    boris.expect_nothing();
  }
}

TEST_CASE("leaving, returning and leaving again is one departure, 5 s after the last",
          "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  around.join("anna", "p", "first").lose();
  around.advance(3s);
  around.join("anna", "p", "second").lose();
  around.advance(2s);
  boris.expect_nothing();
  around.advance(3s);
  boris.expect_notice("second disconnected", "anna");
  around.advance(1h);
  boris.expect_nothing();
}

TEST_CASE("a device that goes is not announced while another is left", "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  auto& phone = around.join("anna");
  auto& laptop = around.join("anna");
  phone.lose();
  around.advance(1h);
  boris.expect_nothing();
  laptop.expect_nothing();
  laptop.lose();
  around.advance(5s);
  boris.expect_notice("anna disconnected", "anna");
}

TEST_CASE("departures from several shards are all announced", "[notices]") {
  world around{telling(departure_notices::name, 3)};
  auto& boris = around.join("boris");
  auto& carla = around.join("carla");
  std::vector<std::string> leavers;
  for (std::size_t shard = 0; shard < 3; ++shard)
    for (const int from : {0, 1000})
      leavers.push_back(around.user_in_shard(shard, "p", from));
  std::vector<client*> leaving;
  for (const auto& id : leavers)
    leaving.push_back(&around.join(id));
  for (auto* each : leaving)
    each->lose();
  around.advance(5s);
  for (auto* each : {&boris, &carla}) {
    std::vector<std::string> told;
    for (std::size_t count = 0; count < leavers.size(); ++count)
      told.push_back(each->next());
    for (const auto& id : leavers)
      CHECK(std::count(told.begin(), told.end(),
                       R"({"type":"system","message":")" + id + R"( disconnected","id":")" + id +
                           "\"}") == 1);
    each->expect_nothing();
  }
}

TEST_CASE("a later departure is announced later", "[notices]") {
  world around{telling(departure_notices::name)};
  auto& boris = around.join("boris");
  auto& anna = around.join("anna");
  auto& carla = around.join("carla");
  anna.lose();
  around.advance(2s);
  carla.lose();
  around.advance(3s);
  boris.expect_notice("anna disconnected", "anna");
  boris.expect_nothing();
  around.advance(2s);
  boris.expect_notice("carla disconnected", "carla");
  boris.expect_nothing();
}

TEST_CASE("departures are announced within their project", "[notices]") {
  world around{telling(departure_notices::name, 2)};
  auto& in_p = around.join("boris", "p");
  auto& in_q = around.join("boris", "q");
  auto& from_p = around.join("anna", "p", "anna of p");
  auto& from_q = around.join("anna", "q", "anna of q");
  from_p.lose();
  from_q.lose();
  around.advance(5s);
  in_p.expect_notice("anna of p disconnected", "anna");
  in_q.expect_notice("anna of q disconnected", "anna");
  in_p.expect_nothing();
  in_q.expect_nothing();
}

TEST_CASE("a departure goes to those who are connected when it is due", "[notices]") {
  world around{telling(departure_notices::name)};
  around.join("anna").lose();
  around.advance(3s);
  auto& late = around.join("late");
  around.advance(2s);
  late.expect_notice("anna disconnected", "anna");
}

TEST_CASE("departures are announced to up to 200 connections of a project", "[notices]") {
  world around{telling(departure_notices::name, 3)};
  std::vector<client*> others;
  for (int number = 0; number < 199; ++number)
    others.push_back(&around.join(std::to_string(number)));
  others.push_back(&around.join("0")); // a second device: 200 connections of 199 users
  around.join("elsewhere", "another project");
  auto& anna = around.join("anna");

  SECTION("200") {
    anna.lose();
    around.advance(5s);
    for (auto* other : others) {
      other->expect_notice("anna disconnected", "anna");
      other->expect_nothing();
    }
  }
  SECTION("201") {
    others.push_back(&around.join("one more"));
    anna.lose();
    around.advance(5s);
    for (auto* other : others)
      other->expect_nothing();
  }
  SECTION("201 by the time that they would be told") {
    anna.lose();
    around.run();
    others.push_back(&around.join("one more"));
    around.advance(5s);
    for (auto* other : others)
      other->expect_nothing();
  }
}

} // namespace klatch::test
