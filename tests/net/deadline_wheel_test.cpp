// Deadlines in virtual ticks.
#include "net/loop/deadline_wheel.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace klatch::net {

using namespace std::chrono_literals;

namespace {

class probe final : public timed {
public:
  explicit probe(
      deadline_wheel& wheel, std::function<void()> on_due = [] {})
      : wheel_(wheel), on_due_(std::move(on_due)) {}

  void on_deadline() override {
    due_at.push_back(wheel_.now());
    on_due_();
  }

  std::vector<std::uint32_t> due_at; ///< ticks

private:
  deadline_wheel& wheel_;
  std::function<void()> on_due_;
};

using ticks = std::vector<std::uint32_t>;

void advance(deadline_wheel& wheel, int times) {
  for (int time = 0; time < times; ++time)
    wheel.advance();
}

} // namespace

TEST_CASE("a deadline comes once, after its ticks and the one that is under way", "[wheel]") {
  deadline_wheel wheel{100ms};
  const auto [delay, tick] = GENERATE(table<std::chrono::milliseconds, std::uint32_t>({
      {0ms, 1},
      {1ms, 2},
      {99ms, 2},
      {100ms, 2},
      {101ms, 3},
      {1'000ms, 11},
      {12'500ms, 126},
      {12'600ms, 127},
  }));
  probe session{wheel};
  CHECK(wheel.empty());
  wheel.schedule(session, delay);
  CHECK_FALSE(wheel.empty());
  advance(wheel, 500);
  CHECK(session.due_at == ticks{tick});
  CHECK(wheel.empty());
}

TEST_CASE("a delay that is too long is cut to what the wheel has", "[wheel]") {
  deadline_wheel wheel{100ms};
  probe session{wheel};
  wheel.schedule(session, GENERATE(12'601ms, 12'700ms, 12'800ms, 25'600ms, 1'000'000ms));
  advance(wheel, 1000);
  CHECK(session.due_at == ticks{127});
}

TEST_CASE("a deadline is never early, and less than two ticks late", "[wheel]") {
  std::mt19937 random{1};
  deadline_wheel wheel{10ms};
  advance(wheel, 77);
  struct planned {
    std::unique_ptr<probe> session;
    std::chrono::milliseconds delay;
    std::uint32_t from;
  };
  std::vector<planned> all;
  for (int number = 0; number < 2000; ++number) {
    all.push_back(
        {std::make_unique<probe>(wheel), std::chrono::milliseconds{random() % 1250}, wheel.now()});
    wheel.schedule(*all.back().session, all.back().delay);
    if (random() % 4 == 0)
      wheel.advance();
  }
  advance(wheel, 200);
  for (const auto& [session, delay, from] : all) {
    REQUIRE(session->due_at.size() == 1);
    // It was asked for at most one tick after `from` began.
    const auto at_least = (session->due_at[0] - from - 1) * wheel.tick();
    const auto at_most = (session->due_at[0] - from) * wheel.tick();
    CHECK(at_least >= delay);
    CHECK(at_most < delay + 2 * wheel.tick());
  }
}

TEST_CASE("a deadline can be moved, both ways", "[wheel]") {
  deadline_wheel wheel{100ms};
  probe session{wheel};
  wheel.schedule(session, 500ms);
  advance(wheel, 3);
  wheel.schedule(session, 500ms);
  advance(wheel, 5);
  CHECK(session.due_at.empty());
  wheel.schedule(session, 200ms);
  advance(wheel, 500);
  CHECK(session.due_at == ticks{11});
}

TEST_CASE("deadlines of one tick come in the order in which they were set", "[wheel]") {
  deadline_wheel wheel{100ms};
  std::vector<int> order;
  std::vector<std::unique_ptr<probe>> sessions;
  for (int number = 0; number < 5; ++number) {
    sessions.push_back(
        std::make_unique<probe>(wheel, [&order, number] { order.push_back(number); }));
    wheel.schedule(*sessions.back(), 300ms);
  }
  wheel.schedule(*sessions[1], 300ms);
  advance(wheel, 10);
  CHECK(order == std::vector{0, 2, 3, 4, 1});
}

TEST_CASE("a deadline may be set anew when it comes", "[wheel]") {
  deadline_wheel wheel{100ms};
  const auto delay = GENERATE(0ms, 200ms, 12'600ms, 99'000ms);
  probe* itself = nullptr;
  probe session{wheel, [&] { wheel.schedule(*itself, delay); }};
  itself = &session;
  wheel.schedule(session, delay);
  advance(wheel, 1270);
  REQUIRE(session.due_at.size() >= 10);
  const auto step = session.due_at[0];
  for (std::size_t index = 1; index < session.due_at.size(); ++index)
    CHECK(session.due_at[index] - session.due_at[index - 1] == step);
}

TEST_CASE("a cancelled deadline does not come", "[wheel]") {
  deadline_wheel wheel{100ms};
  probe session{wheel};
  wheel.schedule(session, 300ms);
  deadline_wheel::cancel(session);
  CHECK(wheel.empty());
  deadline_wheel::cancel(session);
  advance(wheel, 500);
  CHECK(session.due_at.empty());
  wheel.schedule(session, 100ms);
  advance(wheel, 5);
  CHECK(session.due_at == ticks{502});
}

TEST_CASE("a destroyed target has no deadline", "[wheel]") {
  deadline_wheel wheel{100ms};
  auto session = std::make_unique<probe>(wheel);
  probe other{wheel};
  wheel.schedule(*session, 300ms);
  wheel.schedule(other, 300ms);
  session.reset();
  advance(wheel, 5);
  CHECK(other.due_at == ticks{4});
  CHECK(wheel.empty());
}

TEST_CASE("a target whose deadline comes may end, cancel or move others of that tick", "[wheel]") {
  deadline_wheel wheel{100ms};
  auto ended = std::make_unique<probe>(wheel);
  probe cancelled{wheel};
  probe moved{wheel};
  std::unique_ptr<probe> first;
  first = std::make_unique<probe>(wheel, [&] {
    ended.reset();
    deadline_wheel::cancel(cancelled);
    wheel.schedule(moved, 0ms);
  });
  for (auto* each : {first.get(), ended.get(), &cancelled, &moved})
    wheel.schedule(*each, 200ms);
  advance(wheel, 10);
  CHECK(first->due_at == ticks{3});
  CHECK(cancelled.due_at.empty());
  CHECK(moved.due_at == ticks{4});
}

TEST_CASE("a target whose deadline comes may end itself", "[wheel]") {
  deadline_wheel wheel{100ms};
  std::unique_ptr<probe> session;
  session = std::make_unique<probe>(wheel, [&] { session.reset(); });
  probe other{wheel};
  wheel.schedule(*session, 0ms);
  wheel.schedule(other, 0ms);
  wheel.advance();
  CHECK(session == nullptr);
  CHECK(other.due_at == ticks{1});
}

} // namespace klatch::net
