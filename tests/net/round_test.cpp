// A worker's round: what is flushed at its end, and what a failing handler does to it.
#include "actors/runtime/pinned.hpp"
#include "net/loop/flushable.hpp"
#include "tests/net/pool.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

namespace klatch::test {

namespace {

class probe final : public net::flushable {
public:
  explicit probe(std::function<void()> on_flush = [] {}) : on_flush_(std::move(on_flush)) {}
  void flush() override {
    ++count;
    on_flush_();
  }

  int count = 0;

private:
  std::function<void()> on_flush_;
};

/// Comes back after the round that was under way, and what it queued, is over.
void let_rounds_pass(pool& on) {
  for (int round = 0; round < 3; ++round) {
    std::promise<void> over;
    auto passed = over.get_future();
    probe last{[&over] { over.set_value(); }};
    on.run_on(0, [&] { on.at(0).flush_later(last); });
    await(passed);
    on.run_on(0, [] {});
  }
}

using writer_actor = caf::typed_actor<caf::reacts_to<int>>;

/// Has a probe flushed for every message.
class writer final : public actors::pinned<writer_actor> {
public:
  writer(caf::actor_config& cfg, caf::execution_unit& home, probe& target, std::string& story)
      : pinned(cfg, home), target_(target), story_(story) {}

protected:
  behavior_type make_behavior() override {
    return {[this](int number) {
      story_ += std::to_string(number);
      static_cast<net::worker&>(home()).flush_later(target_);
    }};
  }

private:
  probe& target_;
  std::string& story_;
};

} // namespace

TEST_CASE("a flush that is asked for several times in a round runs once", "[round]") {
  probe target;
  pool on{1}; // ends first, and with it who uses them
  const auto at_once = on.run_on(0, [&] {
    for (int time = 0; time < 5; ++time)
      on.at(0).flush_later(target);
    return target.count;
  });
  CHECK(at_once == 0);
  let_rounds_pass(on);
  CHECK(target.count == 1);
  on.run_on(0, [&] { on.at(0).flush_later(target); });
  let_rounds_pass(on);
  CHECK(target.count == 2);
}

TEST_CASE("what the actors of a round wrote is flushed after them, at once", "[round]") {
  std::string story;
  probe target{[&story] { story += 'f'; }};
  pool on{1}; // ends first, and with it who uses them
  const auto first = on.spawn_on<writer>(0, target, story);
  const auto second = on.spawn_on<writer>(0, target, story);
  let_rounds_pass(on);
  on.run_on(0, [&] {
    caf::anon_send(first, 1);
    caf::anon_send(second, 2);
    caf::anon_send(first, 1);
    caf::anon_send(second, 2);
  });
  let_rounds_pass(on);
  CHECK(story == "1122f");
  caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(second, caf::exit_reason::user_shutdown);
  on.system().await_all_actors_done();
}

TEST_CASE("a flush that is asked for while it runs runs again in the next round", "[round]") {
  pool on{1};
  int left = 3;
  probe* itself = nullptr;
  probe target{[&] {
    if (--left > 0)
      on.at(0).flush_later(*itself);
  }};
  itself = &target;
  int after_one_round = 0;
  on.run_on(0, [&] {
    on.at(0).flush_later(target);
    boost::asio::post(on.at(0).io(), [&] { after_one_round = target.count; });
  });
  let_rounds_pass(on);
  CHECK(after_one_round == 1);
  CHECK(target.count == 3);
}

TEST_CASE("a flush that was forgotten does not run", "[round]") {
  probe other;
  pool on{1}; // ends first, and with it who uses them
  bool flushed = false;
  on.run_on(0, [&] {
    auto forgotten = std::make_unique<probe>([&flushed] { flushed = true; });
    on.at(0).flush_later(other);
    on.at(0).flush_later(*forgotten);
    on.at(0).forget(*forgotten);
    on.at(0).forget(*forgotten);
    forgotten.reset();
  });
  let_rounds_pass(on);
  CHECK(other.count == 1);
  CHECK_FALSE(flushed);

  SECTION("unless it asks again") {
    on.run_on(0, [&] {
      on.at(0).flush_later(other);
      on.at(0).forget(other);
      on.at(0).flush_later(other);
    });
    let_rounds_pass(on);
    CHECK(other.count == 2);
  }
}

TEST_CASE("a flush may end another one that is still to come", "[round]") {
  pool on{1};
  bool flushed = false;
  auto ended = std::make_unique<probe>([&flushed] { flushed = true; });
  probe first{[&] {
    on.at(0).forget(*ended);
    ended.reset();
  }};
  probe last;
  on.run_on(0, [&] {
    on.at(0).flush_later(first);
    on.at(0).flush_later(*ended);
    on.at(0).flush_later(last);
  });
  let_rounds_pass(on);
  CHECK(first.count == 1);
  CHECK(last.count == 1);
  CHECK(ended == nullptr);
  CHECK_FALSE(flushed);
}

TEST_CASE("a handler that throws does not end its worker", "[round]") {
  spdlog::set_level(spdlog::level::off);
  std::string story;
  probe target;
  pool on{1}; // ends first, and with it who uses them
  const auto writing = on.spawn_on<writer>(0, target, story);
  for (int time = 0; time < 3; ++time) {
    boost::asio::post(on.at(0).io(), [] { throw std::runtime_error{"a handler that fails"}; });
    CHECK(on.run_on(0, [&on] { return net::worker::current() == &on.at(0); }));
    caf::anon_send(writing, time);
  }
  // Work that was queued by the handler before it failed is done.
  boost::asio::post(on.at(0).io(), [&] {
    caf::anon_send(writing, 3);
    throw std::runtime_error{"a handler that fails"};
  });
  on.run_on(0, [] {});
  let_rounds_pass(on);
  CHECK(story == "0123");
  CHECK(target.count > 0);
  caf::anon_send_exit(writing, caf::exit_reason::user_shutdown);
  on.system().await_all_actors_done();
}

TEST_CASE("a flush that throws keeps neither actors nor other flushes from their turn", "[round]") {
  spdlog::set_level(spdlog::level::off);
  std::string story;
  probe target;
  pool on{1}; // ends first, and with it who uses them
  const auto writing = on.spawn_on<writer>(0, target, story);
  let_rounds_pass(on);
  {
    probe failing{[] { throw std::runtime_error{"a flush that fails"}; }};
    probe behind;
    on.run_on(0, [&] {
      on.at(0).flush_later(failing);
      on.at(0).flush_later(behind);
    });
    std::promise<void> over;
    auto passed = over.get_future();
    probe later{[&over] { over.set_value(); }};
    on.run_on(0, [&] { on.at(0).flush_later(later); });
    CHECK(passed.wait_for(std::chrono::seconds{5}) == std::future_status::ready);
    on.run_on(0, [&] { on.at(0).forget(later); });
    CHECK(failing.count == 1);
    CHECK(behind.count == 1);
  }
  caf::scoped_actor self{on.system()};
  self->monitor(writing);
  caf::anon_send(writing, 1);
  caf::anon_send_exit(writing, caf::exit_reason::user_shutdown);
  bool ended = false;
  self->receive([&](const caf::down_msg&) { ended = true; },
                caf::after(std::chrono::seconds{5}) >> [] {});
  CHECK(ended);
  CHECK(story == "1");
  on.system().await_actors_before_shutdown(false);
}

} // namespace klatch::test
