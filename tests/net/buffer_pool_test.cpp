// Buffers go from socket to socket.
#include "net/loop/buffer_pool.hpp"
#include "tests/catch.hpp"

namespace {

using klatch::net::buffer_budget;
using klatch::net::buffer_pool;

} // namespace

TEST_CASE("a buffer that is given back is taken again, empty", "[net]") {
  buffer_pool pool;
  auto first = pool.take();
  first->append("left over");
  const auto* place = first.get();
  pool.give_back(std::move(first));
  const auto again = pool.take();
  CHECK(again.get() == place);
  CHECK(again->empty());
  CHECK(pool.take().get() != place);
}

TEST_CASE("a buffer that has grown large is not kept", "[net]") {
  buffer_pool pool;
  auto large = pool.take();
  large->append(std::string(100'000, 'x'));
  pool.give_back(std::move(large));
  CHECK(pool.take()->capacity() < 100'000);
}

TEST_CASE("a crowd's buffers are not kept all", "[net]") {
  buffer_pool pool;
  std::vector<buffer_pool::buffer> crowd;
  for (int count = 0; count < 1000; ++count) {
    crowd.push_back(pool.take());
    crowd.back()->reserve(1000);
  }
  for (auto& each : crowd)
    pool.give_back(std::move(each));
  std::size_t kept = 0;
  while (pool.take()->capacity() >= 1000)
    ++kept;
  CHECK(kept > 0);
  CHECK(kept < 100);
}

TEST_CASE("what sockets hold is counted, and what the pool keeps is not", "[net]") {
  buffer_pool pool;
  auto one = pool.take();
  const auto before = one->capacity();
  CHECK(pool.held() == before);
  one->append(std::string(1000, 'x'));
  pool.resized(before, one->capacity());
  CHECK(pool.held() == one->capacity());
  pool.give_back(std::move(one));
  CHECK(pool.held() == 0);
  one = pool.take();
  CHECK(pool.held() == one->capacity());
  CHECK(pool.held() >= 1000);
}

TEST_CASE("the budget is told of much, by each worker, and whoever grows over it is told",
          "[net]") {
  buffer_budget budget{1'000'000};
  buffer_pool one;
  buffer_pool other;
  int exceeded = 0;
  for (auto* each : {&one, &other})
    each->count_in(budget, [&] { ++exceeded; });
  one.resized(0, 10'000);
  one.report();
  CHECK(budget.held() == 0); // a little may pass
  one.resized(0, 590'000);
  one.report();
  CHECK(budget.held() == 600'000);
  other.resized(0, 500'000);
  CHECK(exceeded == 0);
  other.report();
  CHECK(exceeded == 1);
  CHECK(budget.exceeded());
  one.resized(600'000, 400'000);
  one.report();
  CHECK(exceeded == 1);
  CHECK_FALSE(budget.exceeded());
  one.count_no_more();
  other.count_no_more();
  CHECK(budget.held() == 0);
}

TEST_CASE("a budget of 0 is no limit", "[net]") {
  buffer_budget budget{0};
  buffer_pool pool;
  pool.count_in(budget, [] { FAIL("exceeded"); });
  pool.resized(0, 1UL << 40U);
  pool.report();
  CHECK_FALSE(budget.exceeded());
}
