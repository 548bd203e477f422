// When a time of work is over.
#include "app/heap_trimmer.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <vector>

namespace klatch::app {

namespace {

using namespace std::chrono_literals;
using times = std::vector<std::chrono::milliseconds>;

/// After which of those that were `spent`, one after the other, the work is over.
std::vector<std::size_t> ends_of_work(const times& spent) {
  idle_detector watch;
  std::vector<std::size_t> ends;
  idle_detector::duration used{};
  for (std::size_t index = 0; index < spent.size(); ++index)
    if (watch.work_is_over(used += spent[index]))
      ends.push_back(index);
  return ends;
}

} // namespace

TEST_CASE("an idle detector says that work is over once a tenth is left, and again only after more",
          "[heap_trimmer]") {
  CHECK(ends_of_work({300ms, 200ms, 100ms, 31ms, 30ms, 30ms, 0ms, 0ms}) ==
        std::vector<std::size_t>{4, 6});
  CHECK(ends_of_work({10ms, 1ms, 1ms, 10ms, 2ms, 0ms}) == std::vector<std::size_t>{1, 5});
}

TEST_CASE("an idle detector ignores little work, for however long", "[heap_trimmer]") {
  CHECK(ends_of_work({9ms, 0ms}).empty());
  CHECK(ends_of_work(times(100, 5ms)).empty());
}

TEST_CASE("an idle detector does not take steady work for over", "[heap_trimmer]") {
  CHECK(ends_of_work(times(100, 500ms)).empty());
}

TEST_CASE("an idle detector skips what others used", "[heap_trimmer]") {
  idle_detector watch;
  watch.skip_to(100ms);
  CHECK_FALSE(watch.work_is_over(101ms));
  CHECK_FALSE(watch.work_is_over(101ms));
}

} // namespace klatch::app
