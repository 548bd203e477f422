// When a shortage is one to log.
#include "net/accept/repeat_filter.hpp"
#include "tests/catch.hpp"

namespace klatch::test {

using namespace std::chrono_literals;

TEST_CASE("a shortage is new at first, and again after it has not been seen for a while") {
  net::repeat_filter of_descriptors{60s};
  net::repeat_filter::clock::time_point now{};
  CHECK(of_descriptors.is_new(now));
  for (int i = 0; i < 1'000; ++i)
    CHECK_FALSE(of_descriptors.is_new(now += 100ms));
  CHECK_FALSE(of_descriptors.is_new(now += 59s));
  CHECK(of_descriptors.is_new(now += 60s));
  CHECK_FALSE(of_descriptors.is_new(now));
}

} // namespace klatch::test
