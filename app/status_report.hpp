/// Tells the service manager how much the service does.
#pragma once

#include "app/service.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace klatch::app {

/// How `of` is, in one line for people.
std::string line_for(const service_figures& of);

/// Says in one line how the service is, `STATUS=` of sd_notify(3): once in `interval` at most, and
/// only what is new.
class status_report {
public:
  static constexpr std::chrono::milliseconds usual_interval{10'000};
  /// Takes a state in the words of sd_notify(3).
  using teller = std::function<void(const std::string& state)>;

  /// Runs on `loop`, which with `watched` outlives its use.
  status_report(boost::asio::io_context& loop, service& watched, teller tell,
                std::chrono::milliseconds interval = usual_interval);
  status_report(const status_report&) = delete;
  status_report& operator=(const status_report&) = delete;
  ~status_report() = default;

  /// Stands before the figures from now on; empty: nothing does.
  void set_remark(std::string remark) { remark_ = std::move(remark); }
  /// Tells `state`, such as `READY=1`, and how the service is.
  void tell_with(const std::string& state);

private:
  std::string text() const;
  void wait();

  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  service& watched_;
  teller tell_;
  std::chrono::milliseconds interval_;
  std::string remark_;
  std::string told_;
};

} // namespace klatch::app
