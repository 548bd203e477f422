// Without a store, the nodes that are heard are those that there are.
#include "actors/cluster/sightings.hpp"
#include "tests/catch.hpp"

#include <cstdint>
#include <vector>

namespace klatch::actors {

namespace {

using std::chrono::milliseconds;

constexpr sightings::time_point first_heard{};

} // namespace

TEST_CASE("a node is there while it is heard, and 5 s longer", "[sightings]") {
  sightings seen;
  CHECK(seen.see(7, first_heard));
  CHECK_FALSE(seen.see(7, first_heard + milliseconds{1'000}));
  CHECK_FALSE(seen.forget_silent(first_heard + milliseconds{6'000}));
  CHECK(seen.nodes() == std::vector<std::uint64_t>{7});
  CHECK(seen.forget_silent(first_heard + milliseconds{6'001}));
  CHECK(seen.nodes().empty());
  CHECK(seen.see(7, first_heard + milliseconds{6'001}));
}

TEST_CASE("nodes that somebody makes up are bounded", "[sightings]") {
  sightings seen;
  for (std::uint64_t made_up = 1; made_up <= sightings::max_nodes; ++made_up)
    REQUIRE(seen.see(made_up, first_heard));
  CHECK_FALSE(seen.see(sightings::max_nodes + 1, first_heard));
  CHECK(seen.nodes().size() == sightings::max_nodes);
}

} // namespace klatch::actors
