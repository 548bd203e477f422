// The supervisor and its connections: going away, and connections that fail.
#include "actors/drain_plan.hpp"
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <caf/response_handle.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// A drain that was asked for.
class draining {
public:
  explicit draining(world& around, const drain& asked = {5'000, 2'000})
      : around_(around), self_(around.system()) {
    answer_.emplace(self_->request(around.supervisor(), caf::infinite, asked));
    around_.run();
  }

  /// How many connections were left; nothing while there is no answer.
  std::optional<std::size_t> left() {
    around_.run();
    if (self_->mailbox().empty())
      return std::nullopt;
    std::optional<std::size_t> result;
    answer_->receive([&](std::size_t count) { result = count; },
                     [](const caf::error& error) { FAIL(caf::to_string(error)); });
    return result;
  }

private:
  using answer = decltype(std::declval<caf::scoped_actor&>()->request(
      std::declval<supervisor_actor>(), caf::infinite, drain{}));

  world& around_;
  caf::scoped_actor self_;
  std::optional<answer> answer_;
};

/// What the last frame before the close says.
std::uint64_t wait_in(const std::string& text) {
  const auto frame = nlohmann::json::parse(text);
  REQUIRE(frame.at("type") == "reconnect");
  return frame.at("after_ms").get<std::uint64_t>();
}

} // namespace

TEST_CASE("a drain closes every connection with 1012 and says when they are gone", "[drain]") {
  world around{{.shards = 2}};
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  auto& unregistered = around.connect();
  anna.push_message("boris", "before");
  around.run();
  draining drained{around};
  boris.expect_message("anna", "before");
  for (auto* each : {&anna, &boris, &unregistered})
    each->expect_close(close_code::service_restart);
  CHECK(drained.left() == std::size_t{0});
}

TEST_CASE("a drain of nobody is over at once", "[drain]") {
  world around;
  draining drained{around};
  CHECK(drained.left() == std::size_t{0});
  SECTION("also after everybody has gone") {}
}

TEST_CASE("a drain that is over before it has begun waits for nobody", "[drain]") {
  world around;
  auto& anna = around.join("anna");
  anna.keep_socket();
  caf::anon_send(around.supervisor(), drain_over{});
  around.run();
  draining drained{around};
  CHECK(drained.left() == std::size_t{1});
  anna.lose();
}

TEST_CASE("a drain waits for those who take their time", "[drain]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  anna.keep_socket();
  boris.keep_socket();
  draining drained{around};
  anna.expect_close(close_code::service_restart);
  boris.expect_close(close_code::service_restart);
  CHECK(drained.left() == std::nullopt);
  anna.lose();
  around.advance(4'999ms);
  CHECK(drained.left() == std::nullopt);

  SECTION("until the last is gone") {
    boris.lose();
    CHECK(drained.left() == std::size_t{0});
  }
  SECTION("until the grace is over") {
    around.advance(1ms);
    CHECK(drained.left() == std::size_t{1});
    around.advance(10s);
    CHECK(is_forgotten(boris.connection()));
  }
}

TEST_CASE("a drain tells extended clients when to come back, before it closes them", "[drain]") {
  world around{{.store = store::make_memory_store("e")}};
  std::vector<client*> all;
  for (int number = 0; number < 600; ++number) {
    all.push_back(&around.join_extended(std::to_string(number)));
    all.back()->next(); // its welcome
  }
  draining drained{around, {5'000, 200}}; // they come back over 3 s
  for (int slices = 1; slices < 3; ++slices)
    around.advance(10ms);
  CHECK(drained.left() == std::size_t{0});
  std::vector<std::uint64_t> waits;
  for (auto* each : all) {
    waits.push_back(wait_in(each->next()));
    each->expect_close(close_code::service_restart);
  }
  const auto [least, most] = std::minmax_element(waits.begin(), waits.end());
  CHECK(*least >= 500);
  CHECK(*most <= 3'500);
  // Evenly: in each of six parts there are about as many.
  for (std::uint64_t part = 500; part < 3'500; part += 500)
    CHECK(std::count_if(waits.begin(), waits.end(),
                        [part](auto each) { return each >= part && each < part + 500; }) > 60);
}

TEST_CASE("a drain spreads plain clients over the time to let them in, half of its own at most",
          "[drain]") {
  world around;
  std::vector<client*> all;
  for (int number = 0; number < 20; ++number)
    all.push_back(&around.join(std::to_string(number)));
  const auto closed = [&all] {
    return std::count_if(all.begin(), all.end(),
                         [](client* each) { return each->transport().closing(); });
  };
  SECTION("half of it") {
    draining drained{around, {5'000, 1}};
    for (int passed = 0; passed < 2'500; passed += 10) {
      CHECK(std::abs(static_cast<int>(closed()) - passed * 20 / 2'500) <= 1);
      around.advance(10ms);
    }
    around.advance(10ms);
    CHECK(drained.left() == std::size_t{0});
  }
  SECTION("the time to let them in") {
    draining drained{around, {5'000, 100}};
    around.advance(100ms);
    CHECK(closed() > 5);
    CHECK(closed() < 15);
    for (int passed = 0; passed < 120; passed += 10)
      around.advance(10ms);
    CHECK(drained.left() == std::size_t{0});
  }
  SECTION("whoever came first") {
    for (int number = 20; number < 420; ++number)
      around.join_extended(std::to_string(number));
    draining drained{around, {5'000, 1}};
    around.advance(1'250ms); // One step after this time, so that what is due then has come.
    around.advance(10ms);
    CHECK(closed() > 4);
    CHECK(closed() < 16);
  }
  SECTION("those that have not registered do not wait") {
    auto& unregistered = around.connect();
    draining drained{around, {5'000, 1}};
    unregistered.expect_close(close_code::service_restart);
  }
}

TEST_CASE("a drain closes in slices, and all of them within a quarter of its time", "[drain]") {
  const auto in_a_step = [&](std::size_t connections, std::uint64_t grace_ms) {
    std::mt19937_64 random{7};
    actors::drain_plan plan{std::vector<connection_actor>(connections), {grace_ms, 2'000}, random};
    std::size_t most = 0;
    std::size_t told = 0;
    auto passed = 0ms;
    for (; told < connections; passed += actors::drain_plan::step) {
      const auto due = plan.next(passed).all.size();
      most = std::max(most, due);
      told += due;
    }
    CHECK(passed <= std::chrono::milliseconds{grace_ms / 4} + actors::drain_plan::step);
    return most;
  };
  CHECK(in_a_step(10'000, 10'000) == 256);
  CHECK(in_a_step(1'000'000, 10'000) < 4'100);
  CHECK(in_a_step(10, 0) == 10);
}

TEST_CASE("the same seed spreads clients in the same way", "[drain]") {
  std::mt19937_64 first{7};
  std::mt19937_64 second{7};
  const std::vector<connection_actor> all(1'000);
  const actors::drain_plan one{all, {5'000, 100}, first};
  const actors::drain_plan other{all, {5'000, 100}, second};
  for (int times = 0; times < 100; ++times)
    CHECK(one.wait_ms(first) == other.wait_ms(second));
}

TEST_CASE("a drain can be ended before its time", "[drain]") {
  world around;
  auto& anna = around.join("anna");
  anna.keep_socket();
  draining drained{around};
  CHECK(drained.left() == std::nullopt);
  caf::anon_send(around.supervisor(), drain_over{});
  CHECK(drained.left() == std::size_t{1});
  around.advance(10s);
}

TEST_CASE("a connection that starts during the drain is closed too", "[drain]") {
  world around;
  auto& anna = around.join("anna");
  anna.keep_socket();
  draining drained{around};
  auto& late = around.connect();
  late.expect_close(close_code::service_restart);
  CHECK(drained.left() == std::nullopt);
  anna.lose();
  CHECK(drained.left() == std::size_t{0});
  around.connect().expect_close(close_code::service_restart);
}

TEST_CASE("connections that are gone before are not counted", "[drain]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  boris.keep_socket();
  anna.lose();
  around.run();
  draining drained{around};
  around.advance(5s);
  CHECK(drained.left() == std::size_t{1});
}

TEST_CASE("a drain closes who waits for a shard that died", "[drain]") {
  world around{{.shards = 2}};
  auto& anna = around.join(around.user_in_shard(0));
  around.kill_shard(0);
  draining drained{around};
  anna.expect_close(close_code::service_restart);
  CHECK(drained.left() == std::size_t{0});
}

TEST_CASE("a connection that fails is closed with 1011 and forgotten", "[supervisor]") {
  world around{{.shards = 2, .announces = departure_notices::name}};
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  boris.push_message("anna", "m");
  anna.expect_message("boris", "m");
  world::kill(anna.connection());
  anna.expect_close(close_code::internal_error);
  boris.push_message("anna", "m");
  boris.expect_not_connected("anna");
  around.advance(5s);
  boris.expect_notice("anna disconnected", "anna");
  boris.expect_nothing();
  around.advance(5s);
  CHECK(is_forgotten(anna.connection()));

  auto& back = around.join("anna");
  boris.push_message("anna", "again");
  back.expect_message("boris", "again");
}

TEST_CASE("a connection that fails before it has registered is closed with 1011", "[supervisor]") {
  world around;
  auto& anna = around.connect();
  world::kill(anna.connection());
  anna.expect_close(close_code::internal_error);
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
}

} // namespace klatch::test
