#include "app/store_watch.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace klatch::app {

namespace {

constexpr std::chrono::seconds look_period{1};

spdlog::level::level_enum level_of(const store::store_change& what) {
  using weight = store::store_change::weight;
  if (!what.usable || what.how == weight::error)
    return spdlog::level::err;
  return what.how == weight::warning ? spdlog::level::warn : spdlog::level::info;
}

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
    spdlog::log(level_of(*changed), changed->text);
  arm();
}

} // namespace klatch::app
