// The limit itself: time is an argument.
#include "actors/rate_limit.hpp"
#include "tests/catch.hpp"

#include <chrono>

namespace klatch::actors {

using namespace std::chrono_literals;

namespace {

/// A limit with its own rate.
class limited {
public:
  explicit limited(unsigned per_second) : rate_(per_second) {}
  auto take(rate_limit::clock::time_point now) { return limit_.take(rate_, now); }

private:
  rate rate_;
  rate_limit limit_;
};

/// How many of `tries` may be taken at once.
int taken(limited& limit, int tries, rate_limit::clock::time_point now) {
  int result = 0;
  for (int number = 0; number < tries; ++number)
    result += limit.take(now) == 0ns ? 1 : 0;
  return result;
}

constexpr rate_limit::clock::time_point outset{1h};

} // namespace

TEST_CASE("a burst is three seconds' worth", "[rate limit]") {
  const auto per_second = GENERATE(1U, 2U, 20U, 1000U, 1'000'000U);
  limited limit{per_second};
  CHECK(taken(limit, static_cast<int>(per_second) * 3 + 5, outset) ==
        static_cast<int>(per_second) * 3);
}

TEST_CASE("the answer says how long to wait, and waiting so long is enough", "[rate limit]") {
  const auto per_second = GENERATE(1U, 3U, 7U, 20U, 1000U);
  limited limit{per_second};
  taken(limit, 10'000, outset);
  const auto wait = limit.take(outset);
  REQUIRE(wait > 0ns);
  CHECK(wait <= std::chrono::nanoseconds{1s} / per_second + 1ns);
  CHECK(limit.take(outset + wait - 1ns) == 1ns);
  CHECK(limit.take(outset + wait) == 0ns);
  CHECK(limit.take(outset + wait) > 0ns);
}

TEST_CASE("a refusal takes nothing", "[rate limit]") {
  limited limit{20};
  taken(limit, 60, outset);
  CHECK(taken(limit, 1000, outset) == 0);
  CHECK(limit.take(outset) == 50ms);
  CHECK(limit.take(outset + 50ms) == 0ns);
}

TEST_CASE("quiet time is saved up to one burst", "[rate limit]") {
  limited limit{20};
  CHECK(taken(limit, 100, outset) == 60);
  CHECK(taken(limit, 100, outset + 1s) == 20);
  CHECK(taken(limit, 100, outset + 10'000h) == 60);
}

TEST_CASE("in the long run the rate is kept exactly", "[rate limit]") {
  limited limit{20};
  int total = 0;
  for (auto passed = 0ms; passed <= 100s; passed += 1ms)
    total += taken(limit, 2, outset + passed);
  CHECK(total == 60 + 100 * 20);
}

TEST_CASE("0 is no limit", "[rate limit]") {
  limited limit{0};
  CHECK(taken(limit, 100'000, outset) == 100'000);
}

TEST_CASE("a fresh limit takes a burst at the clock's very start", "[rate limit]") {
  limited limit{20};
  CHECK(taken(limit, 100, rate_limit::clock::time_point{}) == 60);
}

} // namespace klatch::actors
