#include "app/certificate_watch.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace klatch::app {

namespace {

constexpr std::chrono::minutes certificate_period{1};

} // namespace

certificate_watch::certificate_watch(boost::asio::io_context& loop, net::tls_certificates& watched)
    : timer_(loop), certificates_(watched) {
  warn_of_ends();
  arm();
}

void certificate_watch::arm() {
  timer_.expires_after(certificate_period);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      look();
  });
}

void certificate_watch::look() {
  const auto found = certificates_.look();
  if (found.replaced)
    spdlog::info("the certificates' files have changed: new connections get the new ones");
  if (!found.fault.empty())
    spdlog::error("the certificates' files have changed and cannot be used: {}; what was read "
                  "before stays in force, and they are read again every minute",
                  found.fault);
  warn_of_ends();
  arm();
}

void certificate_watch::warn_of_ends() {
  for (const auto& each : certificates_.expiry_warnings(std::chrono::system_clock::now()))
    spdlog::warn(each);
}

} // namespace klatch::app
