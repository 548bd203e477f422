/// Tells the service manager that the service is alive.
#pragma once

#include "app/service.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <memory>

namespace klatch::app {

/// Every quarter of `interval` it asks each worker and the archive whether they are stuck, and says
/// `WATCHDOG=1` if all have answered what they were asked before. So nothing is said as long as one
/// of them does not answer.
class watchdog {
public:
  /// Runs on `loop`, which with `watched` outlives its use.
  watchdog(boost::asio::io_context& loop, service& watched, std::chrono::microseconds interval);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog() = default;

private:
  using timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  void wait();
  void look();

  timer timer_;
  service& watched_;
  std::chrono::microseconds step_;
  std::shared_ptr<std::atomic<bool>> answered_; ///< shared with who may answer late
};

} // namespace klatch::app
