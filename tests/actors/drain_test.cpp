// The supervisor and its connections: going away, and connections that fail.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <caf/response_handle.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// A drain that was asked for.
class draining {
public:
  explicit draining(world& around) : around_(around), self_(around.system()) {
    answer_.emplace(self_->request(around.supervisor(), caf::infinite, drain{5'000}));
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

} // namespace

TEST_CASE("a drain closes every connection with 1001 and says when they are gone", "[drain]") {
  world around{{.shards = 2}};
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  auto& unregistered = around.connect();
  anna.push_message("boris", "before");
  around.run();
  draining drained{around};
  boris.expect_message("anna", "before");
  for (auto* each : {&anna, &boris, &unregistered})
    each->expect_close(close_code::going_away);
  CHECK(drained.left() == std::size_t{0});
}

TEST_CASE("a drain of nobody is over at once", "[drain]") {
  world around;
  draining drained{around};
  CHECK(drained.left() == std::size_t{0});
  SECTION("also after everybody has gone") {}
}

TEST_CASE("a drain waits for those who take their time", "[drain]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  anna.keep_socket();
  boris.keep_socket();
  draining drained{around};
  anna.expect_close(close_code::going_away);
  boris.expect_close(close_code::going_away);
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

TEST_CASE("a connection that starts during the drain is closed too", "[drain]") {
  world around;
  auto& anna = around.join("anna");
  anna.keep_socket();
  draining drained{around};
  auto& late = around.connect();
  late.expect_close(close_code::going_away);
  CHECK(drained.left() == std::nullopt);
  anna.lose();
  CHECK(drained.left() == std::size_t{0});
  around.connect().expect_close(close_code::going_away);
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
  anna.expect_close(close_code::going_away);
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
