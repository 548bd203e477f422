// Who is connected with which devices: devices are numbers here.
#include "actors/directory/device_table.hpp"
#include "tests/actors/keys.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <vector>

namespace klatch::actors {

namespace {

using devices = std::vector<int>;

project_id project(const char* id) { return project_id::parse(id).value(); }

devices sorted(devices values) {
  std::sort(values.begin(), values.end());
  return values;
}

devices all_of(const device_table<int>& from, const char* of_project) {
  devices result;
  from.for_each_device(project(of_project), [&](int device) { result.push_back(device); });
  std::sort(result.begin(), result.end());
  return result;
}

} // namespace

TEST_CASE("a device table adds a device once", "[device_table]") {
  device_table<int> present;
  const auto first = present.add(user("a"), "A", 1);
  REQUIRE(first);
  CHECK(first->empty());
  CHECK(present.has(user("a"), 1));
  CHECK_FALSE(present.add(user("a"), "A", 1));
  CHECK(present.devices_of(user("a")) == devices{1});
  CHECK(present.connected(project("p")) == 1);
}

TEST_CASE("a user has several devices", "[device_table]") {
  device_table<int> present;
  for (int device = 1; device <= 3; ++device) {
    CHECK_FALSE(present.has(user("a"), device));
    const auto added = present.add(user("a"), "A", device);
    REQUIRE(added);
    CHECK(added->empty());
  }
  CHECK(present.devices_of(user("a")) == devices{1, 2, 3});
  present.remove(user("a"), 2);
  CHECK(present.devices_of(user("a")) == devices{1, 3});
  CHECK_FALSE(present.has(user("a"), 2));
}

TEST_CASE("followers are told of devices that go, and of one that comes", "[device_table]") {
  device_table<int> present;
  for (int device = 1; device <= 3; ++device)
    present.add(user("a"), "A", device);
  for (const int follower : {100, 101, 101, 102})
    CHECK(present.follow(user("a"), follower) == devices{1, 2, 3});
  present.unfollow(user("a"), 102);
  for (int device = 1; device <= 2; ++device) {
    const auto gone = present.remove(user("a"), device);
    REQUIRE(gone);
    CHECK(sorted(gone->of_user) == devices{100, 101});
    CHECK_FALSE(gone->left);
  }
  auto came = present.add(user("a"), "A", 4);
  REQUIRE(came);
  CHECK(sorted(*came) == devices{100, 101});

  SECTION("they have to look again before they are told of more") {
    CHECK(present.follow(user("a"), 101) == devices{3, 4});
    came = present.add(user("a"), "A", 5);
    REQUIRE(came);
    CHECK(*came == devices{101});
  }
  SECTION("however often devices come and go") {
    for (int time = 0; time < 3; ++time) {
      const auto gone = present.remove(user("a"), 4);
      REQUIRE(gone);
      CHECK(gone->of_user.empty());
      came = present.add(user("a"), "A", 4);
      REQUIRE(came);
      CHECK(came->empty());
    }
  }
}

TEST_CASE("any number may follow, of one device and of several", "[device_table]") {
  const auto most = GENERATE(0, 1, 2, 8, 9, 100);
  device_table<int> present;
  present.add(user("a"), "A", 1);
  const auto follow = [&] {
    devices expected;
    for (int follower = 100; follower < 100 + most; ++follower) {
      for (int time = 0; time < 2; ++time)
        present.follow(user("a"), follower);
      expected.push_back(follower);
    }
    return expected;
  };
  const auto expected = follow();
  const auto joined = present.add(user("a"), "A", 2);
  REQUIRE(joined);
  CHECK(sorted(*joined) == expected);
  CHECK(follow() == expected);
  const auto left = present.remove(user("a"), 2);
  REQUIRE(left);
  CHECK(sorted(left->of_user) == expected);
  for (int follower = 100; follower < 100 + most; ++follower)
    for (int time = 0; time < 2; ++time)
      present.unfollow(user("a"), follower);
  present.unfollow(user("a"), 1000);
  const auto again = present.add(user("a"), "A", 2);
  REQUIRE(again);
  CHECK(again->empty());
}

TEST_CASE("with the last device the user goes, and all who follow", "[device_table]") {
  device_table<int> present;
  present.add(user("a"), "A", 1);
  present.follow(user("a"), 100);
  const auto gone = present.remove(user("a"), 1);
  REQUIRE(gone);
  CHECK(gone->of_user == devices{100});
  REQUIRE(gone->left);
  CHECK(*gone->left == "A");
  CHECK(present.devices_of(user("a")).empty());
  CHECK(present.connected(project("p")) == 0);
  const auto back = present.add(user("a"), "A", 2);
  REQUIRE(back);
  CHECK(back->empty());
}

TEST_CASE("the farewell has the label that came last", "[device_table]") {
  device_table<int> present;
  present.add(user("a"), "first", 1);
  present.add(user("a"), "second", 2);
  present.add(user("a"), "third", 1);
  present.remove(user("a"), 2);
  const auto gone = present.remove(user("a"), 1);
  REQUIRE((gone && gone->left));
  CHECK(*gone->left == "third");
}

TEST_CASE("nobody can be followed who is not there", "[device_table]") {
  device_table<int> present;
  CHECK(present.follow(user("a"), 100).empty());
  const auto joined = present.add(user("a"), "A", 1);
  REQUIRE(joined);
  CHECK(joined->empty());
}

TEST_CASE("a device that is not known cannot be removed", "[device_table]") {
  device_table<int> present;
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

TEST_CASE("projects are counted and visited each by itself", "[device_table]") {
  device_table<int> present;
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

TEST_CASE("devices are told how far an inbox goes once, and again when that is forgotten",
          "[device_table]") {
  device_table<int> present;
  present.add(user("a"), "A", 1);
  const auto raise = [&](std::uint64_t head) {
    return present.raise_head(project("p"), user("a").user, head).size();
  };
  CHECK(raise(5) == 1);
  CHECK(raise(5) == 0);
  CHECK(raise(4) == 0);
  present.forget_heads();
  CHECK(raise(2) == 1);
}

} // namespace klatch::actors
