/// Says that nobody is asked who they are.
#pragma once

#include "app/config.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <chrono>

namespace klatch::app {

/// Nobody is asked who they are: says so at the start, and every hour where others can connect.
class open_mode_warning {
public:
  open_mode_warning(boost::asio::io_context& loop, const config& options)
      : timer_(loop), insecure_(options.insecure) {
    if (!options.service.network.access->open())
      return;
    warn();
  }

private:
  static constexpr std::chrono::hours insecure_warning{1};

  void warn() {
    if (!insecure_) {
      spdlog::warn(
          "nobody is asked who they are, since there is no key (--keys): only this machine "
          "is let in");
      return;
    }
    spdlog::warn("nobody is asked who they are, and others can connect (--insecure): everybody is "
                 "whom they say they are");
    timer_.expires_after(insecure_warning);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error)
        warn();
    });
  }

  boost::asio::steady_timer timer_;
  bool insecure_;
};

} // namespace klatch::app
