// The limit itself: time is an argument.
#include "actors/connection/rate_limit.hpp"
#include "actors/connection/rate_table.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <string>

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

TEST_CASE("a burst of the rate limit is three seconds' worth", "[rate limit]") {
  const auto per_second = GENERATE(1U, 2U, 20U, 1000U, 1'000'000U);
  limited limit{per_second};
  CHECK(taken(limit, static_cast<int>(per_second) * 3 + 5, outset) ==
        static_cast<int>(per_second) * 3);
}

TEST_CASE("a rate limit says how long to wait, and waiting so long is enough", "[rate limit]") {
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

TEST_CASE("a refusal takes nothing from the rate limit", "[rate limit]") {
  limited limit{20};
  taken(limit, 60, outset);
  CHECK(taken(limit, 1000, outset) == 0);
  CHECK(limit.take(outset) == 50ms);
  CHECK(limit.take(outset + 50ms) == 0ns);
}

TEST_CASE("a rate limit saves quiet time up to one burst", "[rate limit]") {
  limited limit{20};
  CHECK(taken(limit, 100, outset) == 60);
  CHECK(taken(limit, 100, outset + 1s) == 20);
  CHECK(taken(limit, 100, outset + 10'000h) == 60);
}

TEST_CASE("a rate limit is exact in the long run", "[rate limit]") {
  limited limit{20};
  int total = 0;
  for (auto passed = 0ms; passed <= 100s; passed += 1ms)
    total += taken(limit, 2, outset + passed);
  CHECK(total == 60 + 100 * 20);
}

TEST_CASE("what has many bytes counts as its bytes, what has few as one", "[rate limit]") {
  const rate of{20, 1000};
  rate_limit limit;
  CHECK(limit.take(of, outset, 10) == 0ns); // 50 ms as one of 20
  CHECK(limit.wait_for(of, outset + 50ms) == 0ns);
  CHECK(limit.take(of, outset + 50ms, 3000) == 0ns); // 3 s as bytes
  CHECK(limit.take(of, outset + 50ms, 0) == 50ms);
  CHECK(limit.take(of, outset + 100ms, 0) == 0ns);
}

TEST_CASE("however large, one may be taken, and what follows waits the longer", "[rate limit]") {
  const rate of{0, 1000};
  rate_limit limit;
  CHECK(limit.take(of, outset, 100'000) == 0ns);
  CHECK(limit.take(of, outset, 1) == 97s);
  CHECK(limit.take(of, outset + 97s, 1) == 0ns);
}

TEST_CASE("users share no rate but their own, in 64 KiB for all of them", "[rate limit]") {
  rate_table table;
  const rate of{0, 1000};
  const auto user = [](int number) { return "u" + std::to_string(number); };
  int waiting = 0;
  for (int number = 0; number < 40; ++number) { // each beyond its rate
    CHECK(table.take(of, "p", user(number), outset, 4000) == 0ns);
    waiting += table.take(of, "p", user(number), outset, 1) == 1s ? 1 : 0;
  }
  CHECK(waiting == 40);
  CHECK(table.take(of, "q", user(0), outset, 1) == 0ns);
  int let_in = 0;
  for (int number = 40; number < 1040; ++number)
    let_in += table.take(of, "p", user(number), outset, 0) == 0ns ? 1 : 0;
  CHECK(let_in >= 990); // 999.9 are to be expected
  CHECK(table.take(of, "p", user(0), outset + 1s, 1) == 0ns);
}

TEST_CASE("a rate limit of 0 is none", "[rate limit]") {
  limited limit{0};
  CHECK(taken(limit, 100'000, outset) == 100'000);
}

TEST_CASE("a fresh limit takes a burst at the clock's very start", "[rate limit]") {
  limited limit{20};
  CHECK(taken(limit, 100, rate_limit::clock::time_point{}) == 60);
}

} // namespace klatch::actors
