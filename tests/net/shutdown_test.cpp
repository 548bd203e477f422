// The end of a pool, with work still queued.
#include "actors/runtime/pinned.hpp"
#include "tests/net/pool.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <thread>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// Outlives the pool; counts what must not.
struct tally {
  std::atomic<int> alive{0};
  std::atomic<int> handled{0};
  gate busy{1000}; ///< opens after so many messages
};

class counted {
public:
  explicit counted(tally& in) : in_(in) { ++in_.alive; }
  counted(const counted& other) : in_(other.in_) { ++in_.alive; }
  counted& operator=(const counted&) = delete;
  ~counted() { --in_.alive; }

  void handle() const {
    ++in_.handled;
    in_.busy.arrive();
  }

private:
  tally& in_;
};

using spinner_actor = caf::typed_actor<caf::reacts_to<int>>;

/// Sends to itself and to another actor for ever.
class spinner final : public actors::pinned<spinner_actor> {
public:
  spinner(caf::actor_config& cfg, caf::execution_unit& home, tally& in, spinner_actor other)
      : pinned(cfg, home), counted_(in), other_(std::move(other)) {}

protected:
  behavior_type make_behavior() override {
    delayed_send(this, 1h, 0);
    return {[this](int kind) {
      counted_.handle();
      if (other_)
        send(other_, kind);
      send(this, kind);
      delayed_send(this, 1ms, kind);
    }};
  }
  void on_exit() override { other_ = nullptr; }

private:
  counted counted_;
  spinner_actor other_;
};

} // namespace

TEST_CASE("a pool ends while its actors send without end", "[shutdown]") {
  tally in;
  {
    pool on{2};
    auto first = on.spawn_on<spinner>(0, in, spinner_actor{});
    auto second = on.spawn_on<spinner>(1, in, first);
    caf::anon_send(first, 1);
    caf::anon_send(second, 1);
    CHECK(in.busy.wait());
    on.system().await_actors_before_shutdown(false);
  }
  CHECK(in.alive == 0);
}

TEST_CASE("a pool ends with everything still queued", "[shutdown]") {
  constexpr int many = 200;
  tally in;
  auto on = std::make_unique<pool>(2);
  gate blocked{2};
  for (std::size_t index = 0; index < 2; ++index)
    boost::asio::post(on->at(index).io(), [&blocked, &io = on->at(index).io()] {
      blocked.arrive();
      while (!io.stopped())
        std::this_thread::yield();
    });
  REQUIRE(blocked.wait());
  for (int number = 0; number < many; ++number) {
    auto target = on->spawn_on<spinner>(static_cast<std::size_t>(number), in, spinner_actor{});
    caf::anon_send(target, 1);
    const counted in_flight{in};
    boost::asio::post(on->at(0).io(), [in_flight] { in_flight.handle(); });
    on->system().spawn([kept = counted{in}](caf::event_based_actor*) { kept.handle(); });
  }
  CHECK(in.alive == 3 * many);
  CHECK(in.handled == 0);
  on->system().await_actors_before_shutdown(false);
  on.reset();
  CHECK(in.alive == 0);
  CHECK(in.handled == 0);
}

TEST_CASE("a pool does not wait for timers", "[shutdown]") {
  tally in;
  {
    pool on{1};
    auto asleep = on.spawn_on<spinner>(0, in, spinner_actor{});
    caf::delayed_anon_send(asleep, 1h, 1);
    on.run_on(0, [] {});
    on.system().await_actors_before_shutdown(false);
  }
  CHECK(in.alive == 0);
  CHECK(in.handled == 0);
}

TEST_CASE("a pool waits for its actors where it was not told otherwise", "[shutdown]") {
  tally in;
  {
    pool on{2};
    auto target = on.spawn_on<spinner>(1, in, spinner_actor{});
    caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  }
  CHECK(in.alive == 0);
}

TEST_CASE("a pool starts and stops 100 times", "[shutdown]") {
  for (int round = 0; round < 100; ++round) {
    tally in;
    {
      pool on{1 + static_cast<std::size_t>(round % 4)};
      CHECK(on.run_on(0, [&on] { return net::worker::current() == &on.at(0); }));
      auto target = on.spawn_on<spinner>(1, in, spinner_actor{});
      if (round % 2 == 0)
        caf::anon_send(target, 1);
      on.system().await_actors_before_shutdown(false);
    }
    CHECK(in.alive == 0);
  }
}

TEST_CASE("two pools at a time keep apart", "[shutdown]") {
  tally in;
  pool first{1};
  {
    pool second{1};
    second.system().await_actors_before_shutdown(false);
    std::promise<net::worker*> place;
    auto woken_on = place.get_future();
    const auto pinned = second.spawn_on<spinner>(0, in, spinner_actor{});
    const auto anywhere = second.system().spawn([&place](caf::event_based_actor*) {
      return caf::behavior{[&place](int) { place.set_value(net::worker::current()); }};
    });
    first.run_on(0, [&] {
      caf::anon_send(pinned, 1);
      caf::anon_send(anywhere, 1);
    });
    CHECK(await(woken_on) == &second.at(0));
    CHECK(in.busy.wait());
  }
  CHECK(in.alive == 0);
}

} // namespace klatch::test
