/// From the start of the service to its end, as signals ask for it.
#pragma once

#include "app/reload.hpp"
#include "app/service.hpp"
#include "app/status_report.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <string>

namespace klatch::app {

/// Takes the signals of the process while it lives. SIGHUP reloads the settings; one that comes
/// while the service starts waits until it runs. SIGTERM and SIGINT drain the service and then stop
/// `main_loop`; a second one ends the drain at once, and a third one the process.
///
/// On the thread of `main_loop`, which outlives it, but for `fail`.
class lifecycle {
public:
  /// Takes SIGHUP from now on.
  explicit lifecycle(boost::asio::io_context& main_loop);

  /// Takes SIGTERM and SIGINT from now on; before that they end the process as it stands.
  void take_stops();
  /// Runs the loop to its end; all outlive that. `status`: what is told of it; null: nobody wants
  /// to know.
  void run(service& running, reloader& settings, status_report* status);
  /// The service cannot go on: the loop is stopped without a drain. On any thread.
  void fail();

  /// What the process exits with.
  int status() const noexcept { return status_; }

private:
  void await_signal();
  void on_signal(int number);
  void reload();
  void stop();
  /// Closes connections, after those who send clients here have had time to see that it ends.
  void begin_drain();
  void tell(const std::string& state);
  void on_drained(std::size_t cut_off);

  boost::asio::io_context& main_loop_;
  boost::asio::signal_set signals_;
  service* running_ = nullptr;
  reloader* settings_ = nullptr;
  status_report* report_ = nullptr;
  boost::asio::steady_timer wait_; ///< until the drain begins
  bool stopping_ = false;
  bool draining_ = false;
  int status_ = 0;
};

} // namespace klatch::app
