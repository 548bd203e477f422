// Who is connected with which devices: devices are numbers here.
#include "actors/roster.hpp"
#include "tests/actors/keys.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <vector>

namespace klatch::actors {

namespace {

using devices = std::vector<int>;
using watchers = roster<int>::watchers;

project_id project(const char* id) { return project_id::parse(id).value(); }

devices all_of(const roster<int>& from, const char* of_project) {
  devices result;
  from.for_each_device(project(of_project), [&](int device) { result.push_back(device); });
  std::sort(result.begin(), result.end());
  return result;
}

} // namespace

TEST_CASE("a device is added once", "[roster]") {
  roster<int> present;
  const auto first = present.add(user("a"), "A", 1);
  REQUIRE(first);
  CHECK(first->now == devices{1});
  CHECK(first->followers.empty());
  CHECK_FALSE(present.add(user("a"), "A", 1));
  CHECK(present.devices_of(user("a")) == devices{1});
  CHECK(present.connected(project("p")) == 1);
}

TEST_CASE("a device follows its own user", "[roster]") {
  roster<int> present;
  present.add(user("a"), "A", 1);
  const auto second = present.add(user("a"), "A", 2);
  REQUIRE(second);
  CHECK(second->now == devices{1, 2});
  CHECK(second->followers == watchers{1});
  const auto third = present.add(user("a"), "A", 3);
  REQUIRE(third);
  CHECK(third->followers == watchers{1, 2});
}

TEST_CASE("followers are told of changes until they stop following", "[roster]") {
  roster<int> present;
  present.add(user("a"), "A", 1);
  CHECK(present.follow(user("a"), 100) == devices{1});
  CHECK(present.follow(user("a"), 101) == devices{1});
  CHECK(present.follow(user("a"), 101) == devices{1});
  const auto joined = present.add(user("a"), "A", 2);
  REQUIRE(joined);
  CHECK(joined->followers == watchers{1, 100, 101});
  present.unfollow(user("a"), 100);
  const auto left = present.remove(user("a"), 1);
  REQUIRE(left);
  CHECK(left->told.now == devices{2});
  CHECK(left->told.followers == watchers{2, 101});
  CHECK_FALSE(left->left);
}

TEST_CASE("any number may follow, of one device and of several", "[roster]") {
  const auto most = GENERATE(0, 1, 2, 8, 9, 100);
  roster<int> present;
  present.add(user("a"), "A", 1);
  watchers expected{1};
  for (int follower = 100; follower < 100 + most; ++follower) {
    for (int time = 0; time < 2; ++time)
      CHECK(present.follow(user("a"), follower) == devices{1});
    expected.insert(follower);
  }
  const auto change = [&] {
    const auto joined = present.add(user("a"), "A", 2);
    REQUIRE(joined);
    CHECK(joined->now == devices{1, 2});
    CHECK(joined->followers == expected);
    const auto left = present.remove(user("a"), 2);
    REQUIRE(left);
    CHECK(left->told.now == devices{1});
    CHECK(left->told.followers == expected);
  };
  change();
  for (int follower = 100; follower < 100 + most; ++follower) {
    for (int time = 0; time < 2; ++time)
      present.unfollow(user("a"), follower);
    present.unfollow(user("a"), 1000);
    expected.erase(follower);
    change();
  }
}

TEST_CASE("with the last device the user goes, and all who follow", "[roster]") {
  roster<int> present;
  present.add(user("a"), "A", 1);
  present.follow(user("a"), 100);
  const auto gone = present.remove(user("a"), 1);
  REQUIRE(gone);
  CHECK(gone->told.now.empty());
  CHECK(gone->told.followers == watchers{100});
  REQUIRE(gone->left);
  CHECK(*gone->left == "A");
  CHECK(present.devices_of(user("a")).empty());
  CHECK(present.connected(project("p")) == 0);
  const auto back = present.add(user("a"), "A", 2);
  REQUIRE(back);
  CHECK(back->followers.empty());
}

TEST_CASE("the farewell has the label that came last", "[roster]") {
  roster<int> present;
  present.add(user("a"), "first", 1);
  present.add(user("a"), "second", 2);
  present.add(user("a"), "third", 1);
  present.remove(user("a"), 2);
  const auto gone = present.remove(user("a"), 1);
  REQUIRE((gone && gone->left));
  CHECK(*gone->left == "third");
}

TEST_CASE("nobody can be followed who is not there", "[roster]") {
  roster<int> present;
  CHECK(present.follow(user("a"), 100).empty());
  const auto joined = present.add(user("a"), "A", 1);
  REQUIRE(joined);
  CHECK(joined->followers.empty());
}

TEST_CASE("what is not known cannot be removed", "[roster]") {
  roster<int> present;
  CHECK_FALSE(present.remove(user("a"), 1));
  present.add(user("a"), "A", 1);
  CHECK_FALSE(present.remove(user("a"), 2));
  CHECK_FALSE(present.remove(user("b"), 1));
  CHECK_FALSE(present.remove(user("a", "q"), 1));
  present.unfollow(user("b"), 1);
  present.unfollow(user("a", "q"), 1);
  CHECK(present.remove(user("a"), 1));
  CHECK_FALSE(present.remove(user("a"), 1));
  CHECK(present.connected(project("p")) == 0);
}

TEST_CASE("projects are counted and visited each by itself", "[roster]") {
  roster<int> present;
  present.add(user("a", "p"), "", 1);
  present.add(user("a", "p"), "", 2);
  present.add(user("b", "p"), "", 3);
  present.add(user("a", "q"), "", 4);
  present.follow(user("a", "p"), 5);
  CHECK(present.connected(project("p")) == 3);
  CHECK(present.connected(project("q")) == 1);
  CHECK(present.connected(project("r")) == 0);
  CHECK(all_of(present, "p") == devices{1, 2, 3});
  CHECK(all_of(present, "q") == devices{4});
  CHECK(all_of(present, "r").empty());
  CHECK(present.devices_of(user("a", "q")) == devices{4});
  present.remove(user("a", "p"), 1);
  CHECK(present.connected(project("p")) == 2);
  CHECK(all_of(present, "p") == devices{2, 3});
}

} // namespace klatch::actors
