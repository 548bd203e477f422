// Lean actors on real threads.
#include "tests/lean_listener.hpp"
#include "tests/net/pool.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

listener_actor spawn_on(pool& on, std::size_t index, listeners_log& log, int number = 0) {
  auto& home = static_cast<caf::execution_unit&>(on.at(index));
  return on.system().spawn<listener>(home, log, number);
}

/// A log that notices what runs elsewhere than at home. Made before the pool, since it outlives the
/// actors, and those may end with the pool only.
std::unique_ptr<listeners_log> watchful_log() {
  auto log = std::make_unique<listeners_log>();
  log->at_home = [](const caf::execution_unit& home) {
    return net::worker::current() == &static_cast<const net::worker&>(home);
  };
  return log;
}

/// So many threads, each of which calls `work` with its number.
template<class Work>
void on_threads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int number = 0; number < count; ++number)
    threads.emplace_back([=] { work(number); });
  for (auto& each : threads)
    each.join();
}

/// Whether the messages of each sender came in order, without a gap.
bool in_order(const std::vector<listeners_log::entry>& entries) {
  std::map<int, int> next;
  return std::all_of(entries.begin(), entries.end(), [&](const listeners_log::entry& each) {
    return each.what.value == next[each.what.sender]++;
  });
}

} // namespace

TEST_CASE("a lean actor is woken at home, whoever sends, and loses nothing", "[lean]") {
  constexpr int senders = 4;
  constexpr int each_sends = 2'000;
  const auto log = watchful_log();
  pool on{2};
  gate all{std::size_t{senders + 1} * each_sends};
  log->on_handled = [&] { all.arrive(); };
  const auto one = spawn_on(on, 0, *log);
  const auto send_all = [&one](int sender) {
    for (int value = 0; value < each_sends; ++value) {
      caf::anon_send(one, numbered{sender, value});
      if (value % 7 == 0)
        std::this_thread::yield(); // so that it goes to sleep now and then
    }
  };
  boost::asio::post(on.at(1).io(), [&] { send_all(senders); });
  on_threads(senders, send_all);
  CHECK(all.wait());
  caf::anon_send(one, stop_now{});
  on.system().await_all_actors_done();
  CHECK(in_order(log->entries()));
  CHECK(log->elsewhere == 0);
  CHECK(log->late == 0);
  CHECK(log->exited == 1);
}

TEST_CASE("a lean actor sleeps and is woken many times", "[lean]") {
  const auto log = watchful_log();
  pool on{1};
  const auto one = spawn_on(on, 0, *log);
  for (int round = 0; round < 2'000; ++round) {
    gate arrived{1};
    log->on_handled = [&] { arrived.arrive(); };
    caf::anon_send(one, numbered{0, round});
    REQUIRE(arrived.wait());
    on.run_on(0, [&] { log->on_handled = [] {}; });
  }
  caf::anon_send(one, stop_now{});
  on.system().await_all_actors_done();
  CHECK(in_order(log->entries()));
}

TEST_CASE("each message to an ending lean actor is handled or handed back", "[lean]") {
  constexpr int senders = 3;
  constexpr int each_sends = 500;
  for (int round = 0; round < 20; ++round) {
    const auto log = watchful_log();
    pool on{2};
    const auto one = spawn_on(on, 0, *log);
    on_threads(senders, [&](int sender) {
      for (int value = 0; value < each_sends; ++value) {
        if (sender == 0 && value == each_sends / 2)
          caf::anon_send(one, stop_now{});
        caf::anon_send(one, numbered{sender, value});
      }
    });
    on.system().await_all_actors_done();
    CHECK(static_cast<int>(log->entries().size()) + log->late == senders * each_sends);
    CHECK(in_order(log->entries()));
    CHECK(log->elsewhere == 0);
    CHECK(log->exited == 1);
  }
}

TEST_CASE("a busy lean actor lets others of its worker have their turn", "[lean]") {
  const auto log = watchful_log();
  pool on{1};
  gate all{1'001};
  log->on_handled = [&] { all.arrive(); };
  const auto busy = spawn_on(on, 0, *log, 1);
  const auto other = spawn_on(on, 0, *log, 2);
  on.run_on(0, [&] {
    for (int value = 0; value < 1'000; ++value)
      caf::anon_send(busy, numbered{0, value});
    caf::anon_send(other, numbered{1, 0});
  });
  CHECK(all.wait());
  const auto entries = log->entries();
  const auto turn = std::find_if(entries.begin(), entries.end(),
                                 [](const auto& each) { return each.listener == 2; });
  CHECK(turn - entries.begin() <= 6); // two turns of three
  CHECK(in_order(entries));
  for (const auto& each : {busy, other})
    caf::anon_send(each, stop_now{});
  on.system().await_all_actors_done();
}

TEST_CASE("an error in a handler ends a lean actor, and its monitor on another thread learns of it",
          "[lean]") {
  const auto log = watchful_log();
  pool on;
  const auto one = spawn_on(on, 1, *log);
  caf::scoped_actor self{on.system()};
  self->monitor(one);
  caf::anon_send(one, fail_now{});
  caf::error reason;
  self->receive([&](const caf::down_msg& down) { reason = down.reason; },
                caf::after(patience) >> [] {});
  CHECK(reason == caf::sec::runtime_error);
  CHECK(log->exited == 1);
  CHECK(log->elsewhere == 0);
}

TEST_CASE("delayed messages are handled on the home worker", "[lean]") {
  const auto log = watchful_log();
  pool on;
  gate all{3};
  log->on_handled = [&] { all.arrive(); };
  const auto one = spawn_on(on, 1, *log);
  for (const int after : {2, 0, 1})
    caf::anon_send(one, send_later{after * 20ms, after});
  CHECK(all.wait());
  CHECK(in_order(log->entries()));
  CHECK(log->elsewhere == 0);
  caf::anon_send(one, stop_now{});
  on.system().await_all_actors_done();
}

TEST_CASE("a pool ends with lean actors queued, and with what they were sent", "[lean]") {
  listeners_log log;
  {
    pool on{2};
    gate blocked{2};
    for (std::size_t index = 0; index < 2; ++index)
      boost::asio::post(on.at(index).io(), [&blocked, &io = on.at(index).io()] {
        blocked.arrive();
        while (!io.stopped())
          std::this_thread::yield();
      });
    REQUIRE(blocked.wait());
    for (std::size_t number = 0; number < 100; ++number) {
      const auto one = spawn_on(on, number, log);
      caf::anon_send(one, hold_handle{one});
      caf::anon_send(one, numbered{0, 0});
      caf::anon_send(one, send_later{1h, 0});
    }
    on.system().await_actors_before_shutdown(false);
  }
  CHECK(log.alive == 0);
  CHECK(log.exited == 100);
  CHECK(log.late == 300);
  CHECK(log.entries().empty());
}

} // namespace klatch::test
