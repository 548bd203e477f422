// Whether all that others store is heard, as plain values.
#include "actors/cluster/hearing.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <vector>

namespace klatch::actors {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct listener {
  hearing state;
  hearing::time_point now{};
  std::vector<store::node_row> rows{{1, "here", 1, {true, false}}, {2, "there", 1, {true, false}}};

  listener() {
    state.link_changed(true);
    see();
    state.look_begins();
  }
  void see() { state.living(rows, 1, now); }
  /// Time passes in which the other node is heard.
  void pass(milliseconds time, std::uint64_t count = 0) {
    for (auto end = now + time; now < end; now += milliseconds{500}) {
      state.beats(2, count, now);
      see();
    }
  }
};

} // namespace

TEST_CASE_METHOD(listener, "who hears everybody does not look", "[hearing]") {
  pass(seconds{60});
  CHECK_FALSE(state.wants_look(now));
  state.told(2, 1, now);
  state.told(2, 2, now);
  state.beats(2, 2, now);
  CHECK_FALSE(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "a count that jumps is looked for once", "[hearing]") {
  state.told(2, 1, now);
  SECTION("of a frame") { state.told(2, 3, now); }
  SECTION("of a heartbeat") { state.beats(2, 2, now); }
  CHECK(state.wants_look(now));
  state.look_begins();
  CHECK_FALSE(state.wants_look(now));
  state.told(2, 2, now); // late
  CHECK_FALSE(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "whoever is heard for the first time in the middle has been missed",
                 "[hearing]") {
  SECTION("of a frame") { state.told(3, 7, now); }
  SECTION("of a heartbeat") { state.beats(3, 7, now); }
  CHECK(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "who begins with the first frame has not", "[hearing]") {
  state.beats(3, 0, now);
  state.told(3, 1, now);
  CHECK_FALSE(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "a living node that is silent for two seconds makes deaf", "[hearing]") {
  now += seconds{2};
  CHECK_FALSE(state.is_deaf(now));
  now += milliseconds{1};
  CHECK(state.is_deaf(now));
  state.look_begins();
  CHECK(state.wants_look(now)); // again and again
  state.beats(2, 0, now);
  CHECK_FALSE(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "a node that says that its bus is down makes deaf", "[hearing]") {
  rows[1].state.hears = false;
  see();
  CHECK(state.is_deaf(now));
}

TEST_CASE_METHOD(listener, "a node that is gone is looked after once", "[hearing]") {
  rows.pop_back();
  see();
  CHECK(state.wants_look(now));
  CHECK_FALSE(state.is_deaf(now));
  state.look_begins();
  now += seconds{5};
  see();
  CHECK_FALSE(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "a node that goes on under a new lease is looked after", "[hearing]") {
  rows.pop_back();
  see();
  state.look_begins();
  rows.push_back({3, "there", 1, {true, false}}); // It has told under the old one meanwhile.
  see();
  CHECK_FALSE(state.wants_look(now));
  state.beats(3, first_count(2), now);
  CHECK(state.wants_look(now));
  state.look_begins();
  state.beats(4, first_count(0), now);
  CHECK_FALSE(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "a bus that is down makes deaf, and is looked after when it is back",
                 "[hearing]") {
  state.link_changed(false);
  CHECK(state.is_deaf(now));
  state.link_changed(true);
  CHECK_FALSE(state.is_deaf(now));
  CHECK(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "a new lease of one's own is a reason to look", "[hearing]") {
  state.living(rows, 4, now);
  CHECK(state.wants_look(now));
}

TEST_CASE_METHOD(listener, "strangers on the bus are remembered up to a bound", "[hearing]") {
  for (std::uint64_t made_up = 100; made_up < 1'100; ++made_up)
    state.beats(made_up, 0, now);
  CHECK(state.wants_look(now)); // the last of them
  state.look_begins();
  now += seconds{61};
  state.beats(2, 0, now);
  see();
  state.beats(5'000, 0, now); // there is room again
  CHECK_FALSE(state.wants_look(now));
}

} // namespace klatch::actors
