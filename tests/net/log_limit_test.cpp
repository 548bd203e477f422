// What anybody can cause is logged once a period.
#include "net/http/log_limit.hpp"
#include "tests/catch.hpp"

namespace klatch::net {

using namespace std::chrono_literals;

TEST_CASE("one event a period is logged, with the number of those before it", "[log limit]") {
  log_limit limit{60s};
  const log_limit::clock::time_point start{1000s};
  CHECK(limit.take(start) == 0U);
  for (int second = 1; second < 60; ++second)
    CHECK_FALSE(limit.take(start + std::chrono::seconds{second}));
  CHECK(limit.take(start + 60s) == 59U);
  CHECK_FALSE(limit.take(start + 61s));
  CHECK(limit.take(start + 1h) == 1U);
  CHECK(limit.take(start + 2h) == 0U);
}

} // namespace klatch::net
