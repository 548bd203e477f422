// Thousands of random interleavings of three nodes, a bus that keeps no promise, and a store.
#include "tests/actors/three_nodes.hpp"
#include "tests/catch.hpp"

#include <cstdint>
#include <string>

namespace klatch::test {

namespace {

constexpr std::uint64_t few_schedules = 500;

schedule_options schedule_of(std::uint64_t seed) {
  return {.loses = seed % 3 == 0   ? 0U
                   : seed % 3 == 1 ? 5U
                                   : 30U,
          .repeats = seed % 2 == 0 ? 0U : 10U,
          .overtakes = seed % 5 < 2 ? 0U : 20U,
          .nodes_fail = seed % 7 > 2,
          .links_fail = seed % 11 > 5};
}

} // namespace

TEST_CASE("three nodes that are joined badly tell every device everything, in order", "[nodes]") {
  for (std::uint64_t seed = 1; seed <= 4 * few_schedules; ++seed) {
    const auto broken = three_nodes{seed, schedule_of(seed)}.run();
    if (!broken.empty())
      FAIL("seed " << seed << ": " << broken);
  }
}

TEST_CASE("without looking for what is missed, devices miss some", "[nodes]") {
  std::uint64_t short_of_some = 0;
  for (std::uint64_t seed = 1; seed <= few_schedules / 5; ++seed) {
    auto chosen = schedule_of(seed);
    chosen.loses = 30;
    chosen.detects = false;
    const auto broken = three_nodes{seed, chosen}.run();
    CHECK(broken.find("instead of") == std::string::npos); // In order all the same.
    short_of_some += broken.empty() ? 0 : 1;
  }
  CHECK(short_of_some > few_schedules / 10);
}

} // namespace klatch::test
