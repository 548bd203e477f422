// Buffers go from socket to socket.
#include "net/buffer_pool.hpp"
#include "tests/catch.hpp"

namespace {

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
