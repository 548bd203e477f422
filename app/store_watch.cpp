#include "app/store_watch.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace klatch::app {

namespace {

constexpr std::chrono::seconds look_period{1};

} // namespace

store_watch::store_watch(boost::asio::io_context& loop, store::message_store& watched)
    : timer_(loop), store_(watched) {
  arm();
}

void store_watch::arm() {
  timer_.expires_after(look_period);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      look();
  });
}

void store_watch::look() {
  if (const auto changed = store_.check_files())
    spdlog::log(changed->usable ? spdlog::level::info : spdlog::level::err, changed->text);
  arm();
}

} // namespace klatch::app
