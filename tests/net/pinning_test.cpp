// A pinned actor runs on its home worker only, whoever wakes it.
#include "actors/runtime/pinned.hpp"
#include "tests/net/pool.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// A message says how many hops it has left.
using wanderer_actor = caf::typed_actor<caf::reacts_to<int>>;

struct journey {
  explicit journey(std::size_t messages) : arrived(messages) {}

  std::vector<wanderer_actor> stations;
  std::atomic<int> elsewhere{0}; ///< how often something ran on another thread than it should
  gate arrived;
};

/// Passes each message on to another one, until it has no hops left.
class wanderer final : public actors::pinned<wanderer_actor> {
public:
  wanderer(caf::actor_config& cfg, caf::execution_unit& home, journey& through, std::size_t index)
      : pinned(cfg, home), through_(through), index_(index) {}

protected:
  behavior_type make_behavior() override {
    check_place();
    return {[this](int hops) {
      check_place();
      if (hops == 0)
        return through_.arrived.arrive();
      const auto& stations = through_.stations;
      const auto step = static_cast<std::size_t>(hops) * 7 + 1;
      send(stations[(index_ + step) % stations.size()], hops - 1);
    }};
  }

  void on_exit() override { check_place(); }

private:
  void check_place() {
    if (net::worker::current() != &home() || context() != &home())
      ++through_.elsewhere;
  }

  journey& through_;
  std::size_t index_;
};

constexpr std::size_t worker_count = 3;
constexpr std::size_t stations = 60;

void build(pool& on, journey& through) {
  for (std::size_t index = 0; index < stations; ++index)
    through.stations.push_back(on.spawn_on<wanderer>(index, through, index));
}

/// The actors end too where they live.
void finish(pool& on, journey& through) {
  for (const auto& each : through.stations)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  through.stations.clear();
  on.system().await_all_actors_done();
  CHECK(through.elsewhere == 0);
}

} // namespace

TEST_CASE("a pinned actor runs at home if foreign threads send to it", "[pinned]") {
  constexpr int threads = 4;
  constexpr int rounds = 10;
  pool on{worker_count};
  journey through{threads * rounds * stations};
  build(on, through);
  std::vector<std::thread> senders;
  for (int number = 0; number < threads; ++number)
    senders.emplace_back([&] {
      for (int round = 0; round < rounds; ++round)
        for (const auto& each : through.stations)
          caf::anon_send(each, 10);
    });
  for (auto& each : senders)
    each.join();
  CHECK(through.arrived.wait());
  finish(on, through);
}

TEST_CASE("a pinned actor runs at home if workers send to it outside of actors", "[pinned]") {
  pool on{worker_count};
  journey through{worker_count * stations};
  build(on, through);
  for (std::size_t index = 0; index < worker_count; ++index)
    boost::asio::post(on.at(index).io(), [&] {
      for (const auto& each : through.stations)
        caf::anon_send(each, 10);
    });
  CHECK(through.arrived.wait());
  finish(on, through);
}

TEST_CASE("a pinned actor runs at home if unpinned actors send to it", "[pinned]") {
  constexpr int senders = 20;
  pool on{worker_count};
  journey through{senders * stations};
  build(on, through);
  for (int number = 0; number < senders; ++number)
    on.system().spawn([&through](caf::event_based_actor* self) {
      for (const auto& each : through.stations)
        self->send(each, 10);
    });
  CHECK(through.arrived.wait());
  finish(on, through);
}

TEST_CASE("a pinned actor runs at home if the clock sends to it", "[pinned]") {
  pool on{worker_count};
  journey through{2 * stations};
  build(on, through);
  for (const auto& each : through.stations) {
    caf::delayed_anon_send(each, 1ms, 0);
    caf::delayed_anon_send(each, 2ms, 10);
  }
  CHECK(through.arrived.wait());
  finish(on, through);
}

TEST_CASE("an actor that is busy lets others of its worker have their turn", "[pinned]") {
  pool on{1};
  journey through{2000};
  build(on, through);
  on.run_on(0, [&] {
    for (int number = 0; number < 1000; ++number)
      caf::anon_send(through.stations[0], 0);
    for (int number = 0; number < 1000; ++number)
      caf::anon_send(through.stations[static_cast<std::size_t>(number) % stations], 1);
  });
  CHECK(through.arrived.wait());
  finish(on, through);
}

} // namespace klatch::test
