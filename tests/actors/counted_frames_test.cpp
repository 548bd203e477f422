// Every frame and its bytes count before anybody works on them, under virtual time.
#include "tests/actors/stored_world.hpp"
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kib = 1024;

/// Of 256 KiB a second and a burst of 768 KiB; of 120 frames a second and a burst of 360.
world_options with_rates() {
  world_options chosen;
  chosen.allowed = limits{};
  return chosen;
}

/// What the oldest frame says that was not read: its `error` or `code`, or its type.
std::string word_of(client& reader) {
  const auto said = nlohmann::json::parse(reader.next());
  for (const auto* name : {"error", "code"})
    if (said.contains(name))
      return said.at(name);
  return said.at("type");
}

std::string send_of(std::size_t bytes, std::string_view cid) {
  return nlohmann::json{
      {"type", "user"}, {"to_id", "boris"}, {"message", std::string(bytes, 'x')}, {"cid", cid}}
      .dump();
}

actors::connection& actor_of(client& who) {
  return *static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(who.connection()));
}

} // namespace

TEST_CASE("bytes count: a burst of three seconds', and what one send is beyond it", "[counted]") {
  world around{with_rates()};
  auto& anna = around.join_extended("anna");
  anna.expect_members(R"({"type":"welcome"})");
  auto& boris = around.join("boris");
  for (int number = 0; number < 20; ++number)
    anna.push(send_of(60 * kib, "c" + std::to_string(number)));
  around.run();
  CHECK(boris.transport().waiting().size() == 13); // 12.8 of them
  for (int number = 0; number < 13; ++number)
    anna.expect_members(R"({"type":"ack"})");
  SECTION("what is refused says which send it was, and when to come again") {
    anna.expect_members(R"({"type":"error","code":"rate_limited","cid":"c13"})");
    const auto next = nlohmann::json::parse(anna.next());
    CHECK(next.at("cid") == "c14");
    CHECK(next.at("retry_ms") > 0);
    CHECK(next.at("retry_ms") < 250);
    around.advance(std::chrono::milliseconds{next.at("retry_ms")});
    anna.transport().waiting().clear();
    anna.push(send_of(1, "again"));
    anna.expect_members(R"({"type":"ack","cid":"again"})");
  }
  SECTION("who goes on is closed, in bytes as in frames") {
    for (int number = 0; number < 20; ++number)
      anna.push(send_of(60 * kib, "c"));
    around.run();
    anna.transport().waiting().clear();
    anna.expect_close(close_code::rate_limited);
  }
}

TEST_CASE("sends of ordinary length have all of the send rate", "[counted]") {
  world around{with_rates()};
  auto& anna = around.join_extended("anna");
  anna.expect_members(R"({"type":"welcome"})");
  auto& boris = around.join("boris");
  for (int number = 0; number < 60; ++number)
    anna.push(send_of(12 * kib, "c" + std::to_string(number)));
  for (int number = 60; number < 260; ++number) {
    around.advance(50ms);
    anna.push(send_of(12 * kib, "c" + std::to_string(number)));
  }
  around.run();
  CHECK(boris.transport().waiting().size() == 260);
}

TEST_CASE("all devices of a user have four connections' bytes, however many there are",
          "[counted]") {
  world around{with_rates()};
  auto& boris = around.join("boris");
  std::size_t sent = 0;
  for (int device = 0; device < 10; ++device) {
    auto& anna = around.join("anna");
    for (int number = 0; number < 10; ++number, ++sent)
      anna.push(send_of(60 * kib, ""));
    around.run();
  }
  CHECK(sent == 100);
  CHECK(boris.transport().waiting().size() == 52); // 4 * 768 KiB are 51.2 of them
  auto& carla = around.join("carla");              // Others have their own.
  carla.push(send_of(60 * kib, ""));
  around.run();
  CHECK(boris.transport().waiting().size() == 53);
}

TEST_CASE("pings, pongs and fragments count as frames", "[counted]") {
  world around{with_rates()};
  auto& anna = around.join("anna"); // which was one
  for (int number = 0; number < 359; ++number)
    actor_of(anna).on_other_input(0);
  anna.expect_nothing();
  actor_of(anna).on_other_input(0);
  CHECK(word_of(anna) == "rate_limited");
  SECTION("and leaves nothing for texts") {
    anna.push("{");
    CHECK(word_of(anna) == "rate_limited");
  }
  SECTION("who goes on is closed") {
    for (int number = 0; number < 60; ++number)
      actor_of(anna).on_other_input(0);
    for (int number = 0; number < 60; ++number)
      CHECK(word_of(anna) == "rate_limited");
    anna.expect_close(close_code::rate_limited);
  }
}

TEST_CASE("what comes after the close is looked at within one more burst", "[counted]") {
  world around{with_rates()};
  auto& anna = around.join("anna");
  anna.keep_socket();
  anna.transport().close(close_code::service_restart);
  around.run();
  int times = 0;
  while (actor_of(anna).may_go_on(64 * kib))
    ++times;
  CHECK(times == 12); // of 64 KiB
  anna.lose();
}

TEST_CASE("the slow decoder has a bound for all connections together", "[counted]") {
  auto chosen = with_rates();
  const auto text = GENERATE(as<std::string>{}, "[", "1e999,");
  std::string large;
  while (large.size() < 128 * kib - 10)
    large += text;
  world around{chosen};
  auto& victim = around.join("victim");
  int named = 0;
  int told_to_wait = 0;
  for (int number = 0; number < 50; ++number) {
    auto& one = around.join("a" + std::to_string(number), "other");
    one.push(large);
    const auto word = word_of(one);
    named += word == "bad_json" ? 1 : 0;
    told_to_wait += word == "rate_limited" ? 1 : 0;
    one.expect_nothing(); // It stays: it has not gone on.
  }
  CHECK(named == 1);
  CHECK(told_to_wait == 49);
  victim.push_message("victim", "not held up");
  victim.expect_message("victim", "not held up");
  around.advance(2s);
  auto& late = around.join("late", "other");
  late.push(large);
  CHECK(word_of(late) == "bad_json");
}

TEST_CASE("who has the slow decoder work pays for it", "[counted]") {
  world around{with_rates()};
  auto& anna = around.join("anna");
  anna.push(std::string(120 * kib, '['));
  CHECK(word_of(anna) == "bad_json");
  anna.push_message("anna", "m"); // 960 KiB, beyond a burst of 768
  CHECK(word_of(anna) == "rate_limited");
  around.advance(2s);
  anna.push_message("anna", "m");
  anna.expect_message("anna", "m");
}

} // namespace klatch::test
