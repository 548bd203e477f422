// What is old is forgotten by a clock that can be trusted, and never in one blow.
#include "actors/archive/retention.hpp"
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"

#include <caf/send.hpp>

#include <array>
#include <string>
#include <utility>

namespace klatch::test {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::milliseconds;

/// Two clocks, and what is decided by them.
struct clocks {
  explicit clocks(milliseconds keep, std::uint64_t stored_before = 0)
      : kept(keep, now, stored_before) {}

  void pass(milliseconds time) {
    now.own += time;
    now.wall += time.count();
  }
  std::optional<milliseconds> jump(milliseconds by) {
    now.wall += by.count();
    return kept.look(now);
  }
  /// The highest mid that may be forgotten; nothing: none now.
  std::optional<std::uint64_t> through() {
    kept.look(now);
    const auto found = kept.expired(now);
    return found ? std::optional{found->through} : std::nullopt;
  }

  actors::moment now{1'700'000'000'000, 5min};
  actors::retention kept;
};

store::operation old_message(std::string text) {
  const auto from = *user_id::parse("anna");
  return store::new_message{
      {.project = *project_id::parse("p"),
       .from = from,
       .conversation = conversation_id::dialogue(from, *user_id::parse("boris")),
       .cid = {},
       .name = "Anna",
       .color = {},
       .text = std::move(text)}};
}

/// A world whose store has had messages before.
struct aged_world {
  explicit aged_world(int messages) {
    chosen.retain = days{1};
    for (int number = 1; number <= messages; ++number)
      chosen.store->append(std::array{old_message("x")}, 1'000'000);
  }
  void start() { around.emplace(chosen); }
  void pass(milliseconds time) {
    around->wall_clock() += time.count();
    around->advance(time);
  }
  /// Time for all that is due to go, in as many steps as it takes.
  void look() { pass(10s); }
  std::uint64_t floor() { return chosen.store->make_reader()->inbox(key_of("boris")).floor; }

  world_options chosen = with_store();
  std::optional<world> around;
};

} // namespace

TEST_CASE("a clock counts once it has been steady for an hour", "[retention]") {
  clocks c{days{1}, 7};
  CHECK_FALSE(c.through());
  c.pass(59min);
  CHECK_FALSE(c.through());
  c.pass(1min);
  CHECK(c.through() == 7U);
  CHECK(c.kept.expired(c.now)->before == c.now.wall - 86'400'000);
  CHECK_FALSE(c.kept.may_take_many(c.now));
  c.pass(23h);
  CHECK(c.kept.may_take_many(c.now));
}

TEST_CASE("a clock that jumps is told once, and has to be steady anew", "[retention]") {
  clocks c{days{1}, 7};
  c.pass(30h);
  CHECK_FALSE(c.jump(9s)); // as when it is set to the second
  CHECK(c.through() == 7U);
  CHECK(c.jump(days{3}) == days{3} + 9s);
  CHECK_FALSE(c.through());
  CHECK_FALSE(c.kept.may_take_many(c.now));
  c.pass(11s);
  CHECK_FALSE(c.jump(-days{3})); // told already
  CHECK_FALSE(c.through());
  c.pass(59min);
  CHECK_FALSE(c.through());
  c.pass(1min);
  CHECK(c.through() == 7U);
  CHECK(c.jump(-1h) == -1h);
}

TEST_CASE("what has been stored since the start is kept for its time by the own clock",
          "[retention]") {
  clocks c{days{10}, 7};
  c.kept.stored(c.now.own, 8); // by a clock that is wrong
  c.jump(days{20'000});
  c.pass(4h);
  CHECK(c.through() == 7U);
  c.kept.stored(c.now.own, 20);
  c.pass(days{10} - 4h);
  c.kept.stored(c.now.own, 30);
  CHECK(c.through() == 8U);
  c.pass(4h);
  CHECK(c.through() == 20U);
}

TEST_CASE("what was stored is noted in few places, and a little late at most", "[retention]") {
  clocks c{64h};
  std::uint64_t last = 0;
  for (int minute = 0; minute < 60 * 200; ++minute) {
    c.pass(1min);
    c.kept.stored(c.now.own, ++last);
    if (const auto through = c.through(); minute > 64 * 60) {
      CHECK(*through <= last - 64 * 60);
      CHECK(*through + 66 * 60 >= last);
    }
  }
}

TEST_CASE("a clock that is three days ahead for a moment takes nothing", "[retention]") {
  aged_world w{100};
  w.start();
  w.pass(20h);
  w.around->wall_clock() += 3 * 86'400'000;
  w.around->advance(11s);
  CHECK(w.floor() == 1);
  w.around->wall_clock() -= 3 * 86'400'000;
  w.around->advance(11s);
  CHECK(w.floor() == 1);
}

TEST_CASE("messages are kept as long as a reload says", "[retention]") {
  aged_world w{100};
  w.chosen.retain = days{10};
  w.start();
  w.pass(25h);
  w.look();
  CHECK(w.floor() == 1);
  const auto keep = [&](std::optional<std::chrono::milliseconds> time) {
    caf::anon_send(w.around->archive().writers.front(), use_archive_settings{time, 0});
    w.look();
  };
  SECTION("for less time: at once") {
    keep(1h);
    CHECK(w.floor() == 101);
  }
  SECTION("for ever, then for less time: once the clock has been steady for a day again") {
    keep(std::nullopt);
    w.pass(24h * 400);
    CHECK(w.floor() == 1);
    keep(1h);
    CHECK(w.floor() == 1);
    w.pass(25h);
    w.look();
    CHECK(w.floor() == 101);
  }
}

TEST_CASE("a machine that learns the time keeps what it has just acknowledged", "[retention]") {
  aged_world w{0};
  w.start();
  auto& anna = joined(*w.around, "anna");
  anna.push_message("boris", "hi");
  anna.expect_members(R"({"type":"ack"})");
  w.around->wall_clock() += 1'700'000'000'000;
  w.pass(2h);
  w.look();
  CHECK(w.floor() == 1);
  w.pass(21h);
  w.look();
  CHECK(w.floor() == 1);
  w.pass(3h);
  w.look();
  CHECK(w.floor() == 2);
}

TEST_CASE("more than a tenth of all goes once the clock has been steady for a day", "[retention]") {
  aged_world w{1000};
  w.start();
  w.around->wall_clock() += 30 * 86'400'000LL; // before its first look: as if it had stood still
  w.pass(2h);
  w.look();
  CHECK(w.floor() == 1);
  w.pass(21h);
  CHECK(w.floor() == 1);
  w.pass(3h);
  w.look();
  CHECK(w.floor() == 1001);
}

TEST_CASE("a tenth of all messages is forgotten once the clock has been steady for an hour",
          "[retention]") {
  aged_world w{100};
  for (int number = 0; number < 900; ++number)
    w.chosen.store->append(std::array{old_message("y")}, 1'000'000 + 40 * 86'400'000LL);
  w.start();
  w.around->wall_clock() += 30 * 86'400'000LL;
  w.around->advance(10s);
  w.pass(59min);
  CHECK(w.floor() == 1);
  w.pass(2min);
  w.look();
  CHECK(w.floor() == 101);
}

TEST_CASE("however many messages are stored, few timers of the archive run", "[retention]") {
  aged_world w{0};
  w.start();
  auto& anna = joined(*w.around, "anna");
  const auto before = w.around->timers();
  for (int number = 0; number < 100; ++number) {
    anna.push_message("boris", "hi");
    anna.expect_members(R"({"type":"ack"})");
    anna.push(R"({"type":"recv","seq":1000})"); // a mark has a timer too
    w.around->advance(1ms);
  }
  CHECK(w.around->timers() <= before + 2);
}

} // namespace klatch::test
