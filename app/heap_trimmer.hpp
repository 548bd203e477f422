/// Gives free memory back to the system once a period of work is over.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace klatch::app {

/// Detects the end of a busy period, from the CPU time that the process has used.
class idle_detector {
public:
  using duration = std::chrono::nanoseconds;

  /// Call at regular intervals with the process's total CPU time. Returns true when a busy period
  /// has ended: the last interval used at most a tenth of the busiest interval since the last
  /// `true`. Periods that peak under 10 ms are ignored.
  bool work_is_over(duration used) noexcept;
  /// Leaves out of the next interval what was used until `used`.
  void skip_to(duration used) noexcept { before_ = used; }

private:
  duration before_{0};
  duration busiest_{0};
};

/// Calls `malloc_trim` once work is over: glibc returns only the top of the heap by itself, and a
/// burst of connections leaves holes below it.
class heap_trimmer {
public:
  /// Runs on the thread of `loop`, which outlives it.
  explicit heap_trimmer(boost::asio::io_context& loop);

private:
  void arm();
  void look();

  boost::asio::steady_timer timer_;
  idle_detector watch_;
};

} // namespace klatch::app
