// Which HTTP connection makes room for the next one.
#include "net/stream/http_slots.hpp"
#include "tests/catch.hpp"

#include <memory>
#include <vector>

namespace klatch::net {

using boost::asio::ip::make_address;

namespace {

struct connection final : http_slot {
  void make_room(room /*which*/) override { ++asked; }
  void idle_at(int second) { begin_idle(clock::time_point{std::chrono::seconds{second}}); }
  void begun() { end_idle(); }
  void busy() { begin_busy(); }

  int asked = 0;
};

using held = std::shared_ptr<connection>;

held idle(int second) {
  auto made = std::make_shared<connection>();
  made->idle_at(second);
  return made;
}

const auto here = make_address("192.0.2.1");

} // namespace

TEST_CASE("the connection that has been idle longest makes room", "[http slots]") {
  http_slots slots{3};
  const std::vector<held> those{idle(5), idle(3), idle(4)};
  for (const auto& each : those)
    CHECK(slots.take(here, each));
  those[1]->busy();
  const auto fourth = idle(6);
  CHECK(slots.take(here, fourth));
  CHECK(those[0]->asked == 0);
  CHECK(those[1]->asked == 0);
  CHECK(those[2]->asked == 1);

  SECTION("and the next one then, each asked once") {
    CHECK(slots.take(here, idle(7)));
    CHECK(those[0]->asked == 1);
    CHECK(those[2]->asked == 1);
  }
  SECTION("giving back twice gives nobody more") {
    slots.give_back(here, those[2].get());
    const auto fifth = idle(8);
    CHECK(slots.take(here, fifth));
    CHECK(those[0]->asked == 1);
  }
  SECTION("what has left makes room without being asked") {
    slots.give_back(here, those[0].get());
    CHECK(slots.take(here, idle(7)));
    CHECK(those[0]->asked == 0);
    CHECK(fourth->asked == 0);
  }
}

TEST_CASE("there is no HTTP slot if no connection is idle", "[http slots]") {
  http_slots slots{2};
  const std::vector<held> those{idle(1), idle(2)};
  for (const auto& each : those) {
    CHECK(slots.take(here, each));
    each->busy();
  }
  CHECK_FALSE(slots.take(here, idle(3)));
  CHECK(slots.take(make_address("192.0.2.2"), idle(3)));
  slots.give_back(here, those[0].get());
  CHECK(slots.take(here, idle(4)));
}

TEST_CASE("a request that has begun makes room in need only", "[http slots]") {
  http_slots slots{3};
  const std::vector<held> those{idle(2), idle(1), idle(3)};
  for (const auto& each : those) {
    CHECK(slots.take(here, each));
    each->begun();
  }
  CHECK_FALSE(slots.take(here, idle(4)));
  those[0]->busy();
  CHECK(slots.make_room(9));
  CHECK(those[1]->asked == 1);
  CHECK_FALSE(slots.make_room(1)); // as long as that one is not gone
  const auto later = idle(5);
  CHECK(slots.take(here, later));
  CHECK(slots.make_room(9));
  CHECK(those[2]->asked == 1);
  CHECK(later->asked == 0); // idle, but it has not waited as long
  CHECK(slots.make_room(9));
  CHECK(later->asked == 1);
  CHECK_FALSE(slots.make_room(9));
  CHECK(those[0]->asked == 0);
}

TEST_CASE("HTTP connections in need are at most twice as many as there may be", "[http slots]") {
  http_slots slots{2};
  std::vector<held> those;
  for (int second = 1; second <= 4; ++second) {
    those.push_back(idle(second));
    CHECK(slots.take(here, those.back()));
  }
  CHECK_FALSE(slots.take(here, idle(5))); // the first two have been asked and are still there
  slots.give_back(here, those[0].get());
  CHECK(slots.take(here, idle(5)));
  CHECK(those[2]->asked == 1);
}

TEST_CASE("a /64 of IPv6 shares its slots", "[http slots]") {
  http_slots slots{1};
  const auto one = idle(1);
  CHECK(slots.take(make_address("2001:db8::1"), one));
  CHECK(slots.take(make_address("2001:db8::2"), idle(2)));
  CHECK(one->asked == 1);
}

TEST_CASE("in need, the address that has most makes room", "[http slots]") {
  http_slots slots{0};
  CHECK_FALSE(slots.make_room(9));
  const std::vector<held> many{idle(5), idle(4), idle(6)};
  const auto other = idle(1);
  for (const auto& each : many)
    CHECK(slots.take(here, each));
  CHECK(slots.take(make_address("192.0.2.2"), other));
  CHECK(slots.make_room(9));
  CHECK(many[1]->asked == 1);
  CHECK(other->asked == 0);
  for (const auto& each : many)
    each->busy();
  CHECK_FALSE(slots.make_room(9));
}

} // namespace klatch::net
