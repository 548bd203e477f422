// Which part of the directory a user belongs to.
#include "messages/partition.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace klatch {

namespace {

std::uint64_t hash(std::string_view project, std::string_view user) {
  return hash_of({project_id::parse(project).value(), user_id::parse(user).value()});
}

std::size_t partition(std::string_view project, std::string_view user) {
  return partition_of({project_id::parse(project).value(), user_id::parse(user).value()});
}

} // namespace

// Nodes of different versions share the partitions out: a number that changes here parts them.
TEST_CASE("a user's partition never changes", "[partition]") {
  CHECK(partition("p", "anna") == 13);
  CHECK(partition("p", "boris") == 48);
  CHECK(partition("1", "2") == 11);
  CHECK(partition("p", "1") == 35);
  CHECK(partition("p", "7") == 46);
  CHECK(partition("p", std::string(max_id_bytes, 'x')) == 9);
  CHECK(partition("проект", "юзер") == 8);
}

TEST_CASE("a user's hash never changes", "[partition]") {
  CHECK(hash("p", "anna") == 0x36EA8D6ECF5D15DF);
  CHECK(hash("1", "2") == 0x2E3F9F38E9ED87C3);
  CHECK(hash("проект", "юзер") == 0x216EFD66D36A1C26);
}

TEST_CASE("a partition depends on where the project ends and the user begins", "[partition]") {
  CHECK(partition("2", "1") == 28);
  CHECK(partition("ab", "c") == 50);
  CHECK(partition("a", "bc") == 55);
}

TEST_CASE("users whose ids differ in the last digits spread over all partitions", "[partition]") {
  constexpr std::size_t average = 100;
  const std::string_view prefix = GENERATE("", "user-");
  std::array<std::size_t, partition_count> users{};
  for (std::size_t number = 0; number < average * partition_count; ++number)
    ++users.at(partition("p", std::string{prefix} + std::to_string(number)));
  const auto [fewest, most] = std::minmax_element(users.begin(), users.end());
  CHECK(*fewest > average / 2);
  CHECK(*most < average * 3 / 2);
}

} // namespace klatch
