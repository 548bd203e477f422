// What is known of devices at other nodes belongs to those nodes.
#include "actors/directory/users_elsewhere.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace klatch::actors {

namespace {

user_key known_user(const std::string& id) {
  return {project_id::parse("p").value(), user_id::parse(id).value()};
}

/// Devices are numbers; whoever stands for those elsewhere is 100.
struct anna_elsewhere : users_elsewhere<int> {
  bool at(std::uint64_t node) {
    return add(anna, node, [this] { return 100 + made++; });
  }

  const user_key anna = known_user("anna");
  int made = 0;
};

} // namespace

TEST_CASE_METHOD(anna_elsewhere, "one stands for the devices at all nodes", "[elsewhere]") {
  CHECK(find(anna) == nullptr);
  CHECK(at(1));
  CHECK(at(2));
  CHECK_FALSE(at(2));
  CHECK(made == 1);
  CHECK(*find(anna) == 100);
}

TEST_CASE_METHOD(anna_elsewhere, "a user goes with the last node", "[elsewhere]") {
  at(1);
  at(2);
  CHECK_FALSE(remove(anna, 1));
  CHECK_FALSE(remove(anna, 1));
  CHECK(remove(anna, 2));
  CHECK(take(anna).first == 100);
  CHECK_FALSE(has(anna));
  CHECK_FALSE(remove(anna, 2));
}

TEST_CASE_METHOD(anna_elsewhere, "followers are those who ask for a known user", "[elsewhere]") {
  follow(anna, 1);
  CHECK_FALSE(is_followed(anna));
  at(1);
  for (const int each : {1, 2, 2, 3})
    follow(anna, each);
  unfollow(anna, 3);
  CHECK(is_followed(anna));
  auto all = take_followers(anna);
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector{1, 2});
  CHECK_FALSE(is_followed(anna));
  follow(anna, 4);
  CHECK(take(anna).second == std::vector{4});
}

TEST_CASE_METHOD(anna_elsewhere, "users of nodes that are gone are found", "[elsewhere]") {
  at(1);
  at(2);
  add(known_user("boris"), 3, [] { return 300; });
  const std::vector<std::uint64_t> living{1, 3};
  const auto gone = at_nodes_beside(living);
  REQUIRE(gone.size() == 1);
  CHECK(gone.front().first == anna);
  CHECK(gone.front().second == 2);
}

TEST_CASE("one who may go is looked for among some at a time", "[elsewhere]") {
  users_elsewhere<int> all;
  CHECK_FALSE(all.look_for([](const user_key&) { return true; }));
  for (int number = 0; number < 5'000; ++number)
    all.add(known_user("u" + std::to_string(number)), 1, [] { return 0; });
  const auto wanted = known_user("u4321");
  int looked_at = 0;
  const auto is_wanted = [&](const user_key& user) {
    ++looked_at;
    return user == wanted;
  };
  int turns = 0;
  while (all.look_for(is_wanted) != wanted)
    REQUIRE(++turns < 1'000); // All buckets have had their turn long before.
  CHECK(looked_at <= 10'000);
  looked_at = 0;
  all.look_for([&](const user_key&) { return ++looked_at, false; });
  CHECK(looked_at < 1'000);
}

} // namespace klatch::actors
