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

} // namespace klatch::actors
