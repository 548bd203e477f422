// Delays and timeouts on the scheduler's clock.
#include "actors/runtime/pinned.hpp"
#include "tests/net/pool.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

using sleeper_actor = caf::typed_actor<caf::reacts_to<int>>;

struct wakes {
  explicit wakes(std::size_t expected) : all(expected) {}

  std::atomic<int> early{0};
  std::atomic<int> elsewhere{0};
  std::vector<int> order; ///< of one actor
  gate all;
};

/// Sends itself messages that say after how many milliseconds they should come.
class sleeper final : public actors::pinned<sleeper_actor> {
public:
  sleeper(caf::actor_config& cfg, caf::execution_unit& home, wakes& seen, std::vector<int> delays)
      : pinned(cfg, home), seen_(seen), delays_(std::move(delays)) {}

protected:
  behavior_type make_behavior() override {
    started_ = clock().now();
    for (const auto delay : delays_)
      delayed_send(this, std::chrono::milliseconds{delay}, delay);
    return {[this](int delay) {
      if (clock().now() < started_ + std::chrono::milliseconds{delay})
        ++seen_.early;
      if (net::worker::current() != &home())
        ++seen_.elsewhere;
      seen_.order.push_back(delay);
      seen_.all.arrive();
      if (seen_.order.size() == delays_.size())
        quit();
    }};
  }

private:
  wakes& seen_;
  std::vector<int> delays_;
  caf::actor_clock::time_point started_;
};

/// Asked for a number, it may never answer.
using oracle_actor = caf::typed_actor<caf::replies_to<int>::with<int>>;

class silent_oracle final : public actors::pinned<oracle_actor> {
public:
  using pinned::pinned;

protected:
  behavior_type make_behavior() override {
    return {[this](int) -> caf::result<int> {
      kept_ = make_response_promise<int>();
      return *kept_;
    }};
  }
  void on_exit() override { kept_.reset(); }

private:
  std::optional<caf::typed_response_promise<int>> kept_;
};

using asker_actor = caf::typed_actor<caf::reacts_to<int>>;

/// Asks an oracle, and says how that ended.
class asker final : public actors::pinned<asker_actor> {
public:
  asker(caf::actor_config& cfg, caf::execution_unit& home, oracle_actor oracle,
        std::promise<caf::error> outcome)
      : pinned(cfg, home), oracle_(std::move(oracle)), outcome_(std::move(outcome)) {}

protected:
  behavior_type make_behavior() override {
    request(oracle_, 20ms, 1)
        .then([this](int) { outcome_.set_value({}); },
              [this](const caf::error& error) {
                const bool at_home = net::worker::current() == &home();
                outcome_.set_value(at_home ? error : caf::sec::invalid_argument);
              });
    oracle_ = nullptr;
    return {[](int) {}};
  }

private:
  oracle_actor oracle_;
  std::promise<caf::error> outcome_;
};

} // namespace

TEST_CASE("delayed messages come home, in the order of their times, never early", "[timers]") {
  pool on;
  wakes seen{8};
  on.spawn_on<sleeper>(1, seen, std::vector{30, 10, 50, 0, 20, 40, 60, 70});
  CHECK(seen.all.wait());
  CHECK(seen.order == std::vector{0, 10, 20, 30, 40, 50, 60, 70});
  CHECK(seen.early == 0);
  CHECK(seen.elsewhere == 0);
  on.system().await_all_actors_done();
}

TEST_CASE("many timers of many actors come at home in their order", "[timers]") {
  constexpr std::size_t actors = 40;
  constexpr int each = 25;
  pool on;
  std::vector<std::unique_ptr<wakes>> seen;
  std::vector<int> delays;
  for (int number = 0; number < each; ++number)
    delays.push_back(number * 3);
  for (std::size_t index = 0; index < actors; ++index) {
    seen.push_back(std::make_unique<wakes>(delays.size()));
    on.spawn_on<sleeper>(index, *seen.back(), delays);
  }
  for (const auto& one : seen) {
    CHECK(one->all.wait());
    CHECK(one->order == delays);
    CHECK(one->early == 0);
    CHECK(one->elsewhere == 0);
  }
  on.system().await_all_actors_done();
}

TEST_CASE("a request that is not answered in time fails where it was made", "[timers]") {
  pool on;
  const auto oracle = on.spawn_on<silent_oracle>(0);
  for (std::size_t index = 0; index < 2; ++index) {
    std::promise<caf::error> outcome;
    auto ended = outcome.get_future();
    const auto asking = on.spawn_on<asker>(index, oracle, std::move(outcome));
    CHECK(await(ended) == caf::sec::request_timeout);
    caf::anon_send_exit(asking, caf::exit_reason::user_shutdown);
  }
  caf::scoped_actor self{on.system()};
  caf::error ended;
  self->request(oracle, 20ms, 1)
      .receive([](int) {}, [&](const caf::error& error) { ended = error; });
  CHECK(ended == caf::sec::request_timeout);
  caf::anon_send_exit(oracle, caf::exit_reason::user_shutdown);
}

} // namespace klatch::test
