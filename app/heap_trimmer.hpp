/// Memory that is free goes back to the system once the work is done that took it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace klatch::app {

/// Says when a time of work is over, from the processor time that the process has used.
class idle_detector {
public:
  using duration = std::chrono::nanoseconds;

  /// To be asked at regular times, with all that was `used` until then. True where since the time
  /// before at most a tenth was used of the most since this was last true, unless that most was not
  /// worth it either: less than 10 ms.
  bool work_is_over(duration used) noexcept;
  /// What was used since was no work.
  void skip_to(duration used) noexcept { before_ = used; }

private:
  duration before_{0};
  duration most_{0};
};

/// Has malloc give back what is free, once a second at most and only when a time of work is over:
/// by itself it gives back what lies at a heap's end, and what many connections wrote at once
/// leaves its holes below what they keep.
class heap_trimmer {
public:
  /// Does so on the thread of `loop`, which outlives it.
  explicit heap_trimmer(boost::asio::io_context& loop);

private:
  void arm();
  void look();

  boost::asio::steady_timer timer_;
  idle_detector watch_;
};

} // namespace klatch::app
