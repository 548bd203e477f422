// Who has left and is not yet missed.
#include "actors/directory/departure_grace.hpp"
#include "tests/actors/keys.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace klatch::actors {

using namespace std::chrono_literals;

namespace {

constexpr departure_grace::time_point start{1h};

std::vector<std::string> labels(departure_grace& from, departure_grace::time_point now) {
  std::vector<std::string> result;
  for (const auto& each : from.take_due(now))
    result.push_back(each.label);
  return result;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a departure is due after the grace period, once", "[departures]") {
  departure_grace gone{5s};
  CHECK_FALSE(gone.next_due());
  gone.left(user("a"), "A", start);
  CHECK(gone.next_due() == start + 5s);
  CHECK(gone.take_due(start + 5s - 1ns).empty());
  const auto due = gone.take_due(start + 5s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].user == user("a"));
  CHECK(due[0].label == "A");
  CHECK(gone.take_due(start + 1h).empty());
  CHECK_FALSE(gone.next_due());
}

TEST_CASE("a user who is back within the grace period has never left", "[departures]") {
  departure_grace gone{5s};
  gone.left(user("a"), "A", start);
  gone.back(user("a"));
  CHECK(labels(gone, start + 1h).empty());
  CHECK_FALSE(gone.next_due());
}

TEST_CASE("a second departure is due after the last one, with the last label", "[departures]") {
  departure_grace gone{5s};
  gone.left(user("a"), "first", start);
  gone.back(user("a"));
  gone.left(user("a"), "second", start + 3s);
  CHECK(labels(gone, start + 5s).empty());
  CHECK(gone.next_due() == start + 8s);
  CHECK(labels(gone, start + 8s) == texts{"second"});
  CHECK(labels(gone, start + 1h).empty());
}

TEST_CASE("leaving twice at the same moment is one departure", "[departures]") {
  departure_grace gone{5s};
  gone.left(user("a"), "first", start);
  gone.back(user("a"));
  gone.left(user("a"), "second", start);
  CHECK(labels(gone, start + 5s) == texts{"second"});
  CHECK(labels(gone, start + 1h).empty());
}

TEST_CASE("departures come in the order in which users left", "[departures]") {
  departure_grace gone{5s};
  gone.left(user("c"), "C", start);
  gone.left(user("a"), "A", start);
  gone.left(user("b"), "B", start + 1s);
  gone.left(user("d"), "D", start + 2s);
  CHECK(labels(gone, start + 6s) == texts{"C", "A", "B"});
  CHECK(gone.next_due() == start + 7s);
  CHECK(labels(gone, start + 7s) == texts{"D"});
}

TEST_CASE("a departure is of one project's user, not of the same id in another", "[departures]") {
  departure_grace gone{5s};
  gone.left(user("a", "p"), "of p", start);
  gone.left(user("a", "q"), "of q", start);
  gone.back(user("a", "p"));
  CHECK(labels(gone, start + 5s) == texts{"of q"});
}

TEST_CASE("a return without a departure changes nothing", "[departures]") {
  departure_grace gone{5s};
  gone.back(user("a"));
  CHECK_FALSE(gone.next_due());
}

} // namespace klatch::actors
