// A lean actor and its mailbox under virtual time, one message at a time.
#include "actors/connection/connection.hpp"
#include "tests/catch.hpp"
#include "tests/lean_listener.hpp"

#include <caf/actor_storage.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/scoped_execution_unit.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;
using actors::lean_mailbox;
using pushed = lean_mailbox::pushed;

namespace {

pushed push(lean_mailbox& to, int value) {
  auto element = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, numbered{0, value});
  const auto result = to.push(element);
  CHECK((element == nullptr) == (result != pushed::closed));
  return result;
}

int value_of(const caf::mailbox_element& element) {
  return element.content().get_as<numbered>(0).value;
}

/// Listeners on a scheduler that runs when it is told to.
class stage {
public:
  stage() : system_(config_) {}
  ~stage() {
    run();
    CHECK(log.alive == 0);
  }

  listener_actor spawn() {
    return system_.spawn<listener>(static_cast<caf::execution_unit&>(home_), log);
  }
  std::size_t run() { return scheduler().run(); }
  bool step() { return scheduler().try_run_once(); }
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }
  caf::actor_system& system() { return system_; }

  std::vector<int> values() {
    std::vector<int> result;
    for (const auto& each : log.entries())
      result.push_back(each.what.value);
    return result;
  }

  listeners_log log;

private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  config config_;
  caf::actor_system system_;
  caf::scoped_execution_unit home_{&system_};
};

/// How it ended, for whoever monitors it.
caf::error end_of(stage& on, listener_actor ended) {
  caf::scoped_actor self{on.system()};
  self->monitor(ended);
  ended = nullptr;
  on.run();
  caf::error reason = caf::sec::invalid_argument;
  self->receive([&](const caf::down_msg& down) { reason = down.reason; }, caf::after(0s) >> [] {});
  return reason;
}

} // namespace

TEST_CASE("a mailbox gives what was pushed first first", "[lean]") {
  lean_mailbox box;
  CHECK(push(box, 1) == pushed::woke);
  CHECK(push(box, 2) == pushed::queued);
  CHECK(value_of(*box.take()) == 1);
  CHECK(push(box, 3) == pushed::queued);
  CHECK(value_of(*box.take()) == 2);
  CHECK(value_of(*box.take()) == 3);
  CHECK(box.take() == nullptr);
}

TEST_CASE("a mailbox sleeps when it is empty, and only then", "[lean]") {
  lean_mailbox box;
  box.wake();
  push(box, 1);
  push(box, 2);
  CHECK_FALSE(box.sleep());
  REQUIRE(box.take() != nullptr);
  CHECK_FALSE(box.sleep());
  REQUIRE(box.take() != nullptr);
  CHECK(box.sleep());
  CHECK(push(box, 3) == pushed::woke);
}

TEST_CASE("a mailbox that closes hands on what is left, in order", "[lean]") {
  lean_mailbox box;
  for (const int value : {1, 2, 3})
    push(box, value);
  REQUIRE(box.take() != nullptr);
  push(box, 4);
  std::vector<int> left;
  const auto note = [&](const caf::mailbox_element& each) { left.push_back(value_of(each)); };
  CHECK_FALSE(box.closed());
  box.close(note);
  CHECK(box.closed());
  CHECK(left == std::vector{2, 3, 4});
  CHECK(push(box, 5) == pushed::closed);
  box.close(note);
  CHECK(left.size() == 3);
}

TEST_CASE("a mailbox that goes takes with it what is left", "[lean]") {
  lean_mailbox box;
  push(box, 1);
  push(box, 2);
  REQUIRE(box.take() != nullptr);
  push(box, 3);
}

TEST_CASE_METHOD(stage, "a lean actor handles its messages in order, so many a turn", "[lean]") {
  const auto one = spawn();
  CHECK(log.started == 0);
  for (const int value : {1, 2, 3})
    caf::anon_send(one, numbered{0, value});
  for (std::size_t turn = 1; turn <= 3; ++turn) { // A turn is one message here.
    CHECK(step());
    CHECK(log.started == 1);
    CHECK(values().size() == turn);
  }
  run();
  CHECK(values() == std::vector{1, 2, 3});
  caf::anon_send(one, stop_now{});
}

TEST_CASE_METHOD(stage, "an idle lean actor takes no turn until it is sent something", "[lean]") {
  const auto one = spawn();
  run();
  CHECK_FALSE(scheduler().has_job());
  caf::anon_send(one, numbered{0, 1});
  CHECK(run() >= 1);
  CHECK_FALSE(scheduler().has_job());
  CHECK(values() == std::vector{1});
  caf::anon_send(one, stop_now{});
}

TEST_CASE_METHOD(
    stage, "messages that a lean actor has left when it quits, and later ones, are handed back",
    "[lean]") {
  const auto one = spawn();
  caf::anon_send(one, numbered{0, 1});
  caf::anon_send(one, stop_now{});
  caf::anon_send(one, numbered{0, 2});
  caf::anon_send(one, numbered{0, 3});
  run();
  CHECK(values() == std::vector{1});
  CHECK(log.late == 2);
  CHECK(log.exited == 1);
  caf::anon_send(one, numbered{0, 4});
  CHECK(log.late == 3);
  CHECK_FALSE(scheduler().has_job());
}

TEST_CASE_METHOD(stage, "a monitor of a lean actor learns why it ended", "[lean]") {
  const auto one = spawn();
  int not_handled = 0;
  SECTION("it quits") {
    caf::anon_send(one, stop_now{});
    CHECK_FALSE(end_of(*this, one));
  }
  SECTION("a handler throws") {
    caf::anon_send(one, fail_now{});
    not_handled = 1;
    const auto reason = end_of(*this, one);
    CHECK(reason == caf::sec::runtime_error);
    CHECK(system().render(reason).find("it is a test") != std::string::npos);
  }
  SECTION("it is told to exit") {
    caf::anon_send_exit(one, caf::exit_reason::kill);
    CHECK(end_of(*this, one) == caf::exit_reason::kill);
  }
  SECTION("it had ended before") {
    caf::anon_send_exit(one, caf::exit_reason::kill);
    run();
    CHECK(end_of(*this, one) == caf::exit_reason::kill);
  }
  CHECK(log.exited == 1);
  CHECK(log.late == not_handled);
}

TEST_CASE_METHOD(stage, "a lean actor stays when it is told to exit without an error", "[lean]") {
  const auto one = spawn();
  caf::anon_send_exit(one, caf::exit_reason::normal);
  caf::anon_send(one, numbered{0, 1});
  run();
  CHECK(values() == std::vector{1});
  caf::anon_send(one, stop_now{});
}

TEST_CASE_METHOD(stage, "delayed messages reach a lean actor in their time", "[lean]") {
  auto one = spawn();
  caf::anon_send(one, send_later{20ms, 2});
  caf::anon_send(one, send_later{10ms, 1});
  run();
  scheduler().advance_time(9ms);
  run();
  CHECK(values().empty());
  scheduler().advance_time(1ms);
  run();
  CHECK(values() == std::vector{1});
  scheduler().advance_time(10ms);
  run();
  CHECK(values() == std::vector{1, 2});
  SECTION("and find nobody who has ended") {
    caf::anon_send(one, send_later{10ms, 3});
    caf::anon_send(one, stop_now{});
    run();
    scheduler().advance_time(10ms);
    run();
    CHECK(values().size() == 2);
  }
  caf::anon_send(one, stop_now{});
}

TEST_CASE_METHOD(stage, "a lean actor without references is destroyed", "[lean]") {
  auto one = spawn();
  run();
  one = nullptr;
  CHECK(log.alive == 0);
  CHECK(log.exited == 1);
}

TEST_CASE_METHOD(stage, "a lean actor's handle to itself goes with its unread messages", "[lean]") {
  const auto one = spawn();
  caf::anon_send(one, hold_handle{one});
  caf::anon_send(one, stop_now{});
  caf::anon_send(one, hold_handle{one});
  run();
  CHECK(log.exited == 1);
}

TEST_CASE("a connection is small", "[lean]") {
  STATIC_REQUIRE(sizeof(caf::actor_storage<actors::connection>) <= 384); // its control block too
}

} // namespace klatch::test
