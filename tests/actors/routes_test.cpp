// What a connection knows of users it has written to. Devices are texts here, which own memory.
#include "actors/connection/routes.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace klatch::actors {

namespace {

using known_routes = routes<std::string>;
using device_names = std::vector<std::string>;

device_names found(const known_routes& in, std::string_view user) {
  const auto all = in.find(user);
  return {all.begin(), all.end()};
}

std::vector<std::string> users_of(const known_routes& in) {
  std::vector<std::string> all;
  in.for_each([&](std::string_view user) { all.emplace_back(user); });
  std::sort(all.begin(), all.end());
  return all;
}

/// Too long for a string to keep it in itself.
std::string device(int number) { return "a device with the number " + std::to_string(number); }

void check_same(const known_routes& all, const std::map<std::string, device_names>& expected) {
  CHECK(all.size() == expected.size());
  std::vector<std::string> users;
  for (const auto& [user, to] : expected) {
    users.push_back(user);
    CHECK(found(all, user) == to);
  }
  CHECK(users_of(all) == users);
  CHECK(all.any().empty() == expected.empty());
  CHECK((expected.empty() || expected.contains(std::string{all.any()})));
}

} // namespace

TEST_CASE("a route has what it was made of", "[routes]") {
  STATIC_REQUIRE(sizeof(route<void*>) == sizeof(void*));
  const route<std::string> nobody;
  CHECK_FALSE(nobody);
  CHECK(nobody.user().empty());
  CHECK(nobody.devices().empty());
  for (std::size_t length = 1; length <= max_id_bytes; ++length) {
    const std::string user(length, 'u');
    const device_names to{device(1), device(2), ""};
    const route<std::string> made{user, to};
    CHECK(made);
    CHECK(made.user() == user);
    CHECK(std::equal(to.begin(), to.end(), made.devices().begin(), made.devices().end()));
  }
}

TEST_CASE("routes are two words until there are several", "[routes]") {
  STATIC_REQUIRE(sizeof(routes<void*>) == 2 * sizeof(void*));
  known_routes all;
  CHECK(all.size() == 0);
  CHECK(found(all, "anna").empty());
  all.set("anna", device_names{device(1)});
  check_same(all, {{"anna", {device(1)}}});
  CHECK(found(all, "ann").empty());
  CHECK(found(all, "").empty());
  all.set("anna", device_names{device(2), device(3)});
  check_same(all, {{"anna", {device(2), device(3)}}});
  all.set("anna", {});
  check_same(all, {});
}

TEST_CASE("routes are found however many there are, as they come and go", "[routes]") {
  constexpr int most = 4 * static_cast<int>(known_routes::few);
  known_routes all;
  std::map<std::string, device_names> expected;
  for (int number = 0; number < most; ++number) {
    const auto user = std::to_string(number);
    expected[user] = {device(number)};
    all.set(user, expected[user]);
    check_same(all, expected);
  }
  for (int number = 0; number < most; ++number) {
    const auto user = std::to_string(number);
    expected[user] = {device(-number), device(number)};
    all.set(user, expected[user]);
  }
  check_same(all, expected);
  for (int number = most - 1; number >= 0; --number) {
    expected.erase(std::to_string(number));
    all.set(std::to_string(number), {});
    check_same(all, expected);
  }
}

TEST_CASE("routes turn from few to many and back at their own user's change", "[routes]") {
  constexpr int few = known_routes::few;
  known_routes all;
  std::map<std::string, device_names> expected;
  const auto set = [&](int number, device_names to) {
    const auto user = std::to_string(number);
    all.set(user, to);
    if (to.empty())
      expected.erase(user);
    else
      expected[user] = std::move(to);
    check_same(all, expected);
  };
  for (int number = 0; number <= few; ++number)
    set(number, {device(number)});
  for (int turn = 0; turn < 3; ++turn) {
    for (int number = few; number > few / 2; --number)
      set(number, {});
    set(0, {device(turn)});
    for (int number = few; number > few / 2; --number)
      set(number, {device(number)});
  }
}

TEST_CASE("a route loses one device after the other, and goes with the last", "[routes]") {
  known_routes all;
  all.set("anna", device_names{device(1), device(2)});
  all.set("boris", device_names{device(1)});
  CHECK_FALSE(all.remove("anna", device(1)));
  check_same(all, {{"anna", {device(2)}}, {"boris", {device(1)}}});
  CHECK_FALSE(all.remove("anna", device(1)));
  CHECK(all.remove("anna", device(2)));
  check_same(all, {{"boris", {device(1)}}});
  CHECK(all.remove("carla", device(1)));
  check_same(all, {{"boris", {device(1)}}});
}

TEST_CASE("unwanted routes are dropped", "[routes]") {
  for (const int count : {1, 3, 30}) {
    known_routes all;
    std::map<std::string, device_names> expected;
    for (int number = 0; number < count; ++number) {
      const auto user = std::to_string(number);
      all.set(user, device_names{device(number)});
      if (number % 2 != 0)
        expected[user] = {device(number)};
    }
    all.drop_if([](std::string_view user) { return (user.back() - '0') % 2 == 0; });
    check_same(all, expected);
  }
}

TEST_CASE("any route can be dropped by its own name", "[routes]") {
  known_routes all;
  for (std::size_t number = 0; number < 2 * known_routes::few; ++number)
    all.set(std::to_string(number), device_names{device(1)});
  for (auto left = all.size(); left > 0; --left) {
    REQUIRE(all.size() == left);
    all.set(all.any(), {});
  }
  check_same(all, {});
}

} // namespace klatch::actors
