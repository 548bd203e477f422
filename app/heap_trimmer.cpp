#include "app/heap_trimmer.hpp"

#include <algorithm>
#include <ctime>
#include <malloc.h>
#include <utility>

namespace klatch::app {

namespace {

constexpr std::chrono::seconds period{1};
constexpr std::chrono::milliseconds worth_it{10};
constexpr int calm_share = 10;

idle_detector::duration used_so_far() noexcept {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

} // namespace

bool idle_detector::work_is_over(duration used) noexcept {
  const auto spent = used - std::exchange(before_, used);
  busiest_ = std::max(busiest_, spent);
  if (busiest_ < worth_it || spent * calm_share > busiest_)
    return false;
  busiest_ = duration::zero();
  return true;
}

heap_trimmer::heap_trimmer(boost::asio::io_context& loop) : timer_(loop) {
  watch_.skip_to(used_so_far());
  arm();
}

void heap_trimmer::arm() {
  timer_.expires_after(period);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      look();
  });
}

void heap_trimmer::look() {
  if (watch_.work_is_over(used_so_far())) {
    malloc_trim(0);
    watch_.skip_to(used_so_far());
  }
  arm();
}

} // namespace klatch::app
