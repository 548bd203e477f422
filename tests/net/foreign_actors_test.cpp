// Actors with threads of their own, and actors without a home, beside pinned ones.
#include "actors/runtime/pinned.hpp"
#include "tests/net/pool.hpp"

#include <caf/blocking_actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <cstddef>
#include <future>
#include <thread>

namespace klatch::test {

namespace {

using doubler_actor = caf::typed_actor<caf::replies_to<int>::with<int>>;

class doubler final : public actors::pinned<doubler_actor> {
public:
  using pinned::pinned;

protected:
  behavior_type make_behavior() override {
    return {[](int number) { return number * 2; }};
  }
};

/// Says on which worker it was told of another actor's end.
class mourner final : public actors::pinned<doubler_actor> {
public:
  mourner(caf::actor_config& cfg, caf::execution_unit& home, const doubler_actor& watched,
          std::promise<net::worker*> told)
      : pinned(cfg, home), told_(std::move(told)) {
    monitor(watched);
  }

protected:
  behavior_type make_behavior() override {
    set_down_handler([this](const caf::down_msg&) {
      told_.set_value(net::worker::current());
      quit();
    });
    return {[](int number) { return number; }};
  }

private:
  std::promise<net::worker*> told_;
};

/// What a blocking caller gets for `number`.
template<class Handle>
int ask(caf::actor_system& system, const Handle& whom, int number) {
  caf::scoped_actor self{system};
  int answer = 0;
  self->request(whom, patience, number)
      .receive([&](int result) { answer = result; },
               [](const caf::error& error) { FAIL(caf::to_string(error)); });
  return answer;
}

} // namespace

TEST_CASE("a blocking caller gets an answer from a pinned actor", "[foreign]") {
  pool on;
  for (std::size_t index = 0; index < 2; ++index) {
    const auto asked = on.spawn_on<doubler>(index);
    CHECK(ask(on.system(), asked, 21) == 42);
    caf::anon_send_exit(asked, caf::exit_reason::user_shutdown);
  }
}

TEST_CASE("a detached actor runs on a thread of its own", "[foreign]") {
  pool on;
  const auto asked = on.spawn_on<doubler>(0);
  std::promise<net::worker*> place;
  auto ran_on = place.get_future();
  const auto detached = on.system().spawn<caf::detached>(
      [&place, asked](caf::event_based_actor* self) -> caf::behavior {
        place.set_value(net::worker::current());
        return {[self, asked](int number) {
          auto promise = self->make_response_promise<int>();
          self->request(asked, patience, number).then([promise, self](int twice) mutable {
            promise.deliver(twice + (net::worker::current() == nullptr ? 0 : 1000));
            self->quit();
          });
          return promise;
        }};
      });
  CHECK(await(ran_on) == nullptr);
  CHECK(ask(on.system(), detached, 21) == 42);
  caf::anon_send_exit(asked, caf::exit_reason::user_shutdown);
}

TEST_CASE("a blocking actor holds up no worker", "[foreign]") {
  pool on{1};
  std::promise<net::worker*> place;
  auto ran_on = place.get_future();
  const auto blocking = on.system().spawn([&place](caf::blocking_actor* self) {
    place.set_value(net::worker::current());
    self->receive([](int number) { return number * 2; });
  });
  CHECK(await(ran_on) == nullptr);
  const auto pinned = on.spawn_on<doubler>(0);
  CHECK(ask(on.system(), pinned, 2) == 4);
  CHECK(ask(on.system(), blocking, 21) == 42);
  caf::anon_send_exit(pinned, caf::exit_reason::user_shutdown);
}

TEST_CASE("an actor without a home runs on some worker of the pool", "[foreign]") {
  pool on{3};
  std::atomic<int> outside{0};
  gate started{100};
  for (int number = 0; number < 100; ++number)
    on.system().spawn([&](caf::event_based_actor*) {
      if (net::worker::current() == nullptr)
        ++outside;
      started.arrive();
    });
  CHECK(started.wait());
  CHECK(outside == 0);
  on.system().await_all_actors_done();
}

TEST_CASE("a pinned actor is told at home of another one's end", "[foreign]") {
  pool on{2};
  for (const bool neighbours : {true, false}) {
    const auto watched = on.spawn_on<doubler>(neighbours ? 0 : 1);
    std::promise<net::worker*> told;
    auto told_on = told.get_future();
    const auto kept = on.spawn_on<mourner>(0, watched, std::move(told));
    caf::anon_send_exit(watched, caf::exit_reason::kill);
    CHECK(await(told_on) == &on.at(0));
  }
  on.system().await_all_actors_done();
}

TEST_CASE("a blocking caller is told of a pinned actor's end", "[foreign]") {
  pool on;
  const auto watched = on.spawn_on<doubler>(1);
  caf::scoped_actor self{on.system()};
  self->monitor(watched);
  caf::anon_send_exit(watched, caf::exit_reason::user_shutdown);
  caf::error reason;
  self->receive([&](const caf::down_msg& down) { reason = down.reason; },
                caf::after(patience) >> [] {});
  CHECK(reason == caf::exit_reason::user_shutdown);
}

} // namespace klatch::test
