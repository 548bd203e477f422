// A set in two forms.
#include "actors/runtime/small_set.hpp"
#include "tests/catch.hpp"

#include <set>

namespace klatch::actors {

namespace {

void check_same(const small_set<int>& all, const std::set<int>& expected) {
  CHECK(all.size() == expected.size());
  CHECK(all.empty() == expected.empty());
  std::multiset<int> visited;
  all.for_each([&](int value) { visited.insert(value); });
  CHECK(visited == std::multiset<int>(expected.begin(), expected.end()));
  for (const auto value : expected)
    CHECK(all.contains(value));
}

} // namespace

TEST_CASE("a set has each value once, as few and as many", "[small_set]") {
  constexpr int most = 4 * static_cast<int>(small_set<int>::few);
  small_set<int> all;
  std::set<int> expected;
  for (int value = 0; value < most; ++value) {
    CHECK_FALSE(all.contains(value));
    for (int time = 0; time < 2; ++time)
      all.insert(value);
    expected.insert(value);
    check_same(all, expected);
  }
  for (int value = most - 1; value >= 0; --value) {
    for (int time = 0; time < 2; ++time)
      all.erase(value);
    expected.erase(value);
    CHECK_FALSE(all.contains(value));
    check_same(all, expected);
  }
}

TEST_CASE("a set turns from few to many and back any number of times", "[small_set]") {
  constexpr int few = small_set<int>::few;
  small_set<int> all;
  std::set<int> expected;
  for (int turn = 0; turn < 3; ++turn) {
    for (int value = 0; value <= few; ++value) {
      all.insert(value);
      expected.insert(value);
    }
    check_same(all, expected);
    for (int value = few; value >= few / 2; --value) {
      all.erase(value);
      expected.erase(value);
    }
    check_same(all, expected);
  }
}

} // namespace klatch::actors
