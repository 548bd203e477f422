#include "app/watchdog.hpp"

#include "app/service_manager.hpp"

namespace klatch::app {

watchdog::watchdog(boost::asio::io_context& loop, service& watched,
                   std::chrono::microseconds interval)
    : timer_(loop.get_executor()), watched_(watched), step_(interval / 4),
      answered_(std::make_shared<std::atomic<bool>>(true)) {
  look();
}

void watchdog::wait() {
  timer_.expires_after(step_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      look();
  });
}

void watchdog::look() {
  if (answered_->exchange(false)) {
    notify_manager("WATCHDOG=1");
    watched_.check_alive([answered = answered_] { *answered = true; });
  }
  wait();
}

} // namespace klatch::app
