#include "app/lifecycle.hpp"

#include "app/service_manager.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <utility>

namespace klatch::app {

namespace {

constexpr int failed_status = 1;

} // namespace

lifecycle::lifecycle(boost::asio::io_context& main_loop)
    : main_loop_(main_loop), signals_(main_loop, SIGHUP), wait_(main_loop) {}

void lifecycle::take_stops() {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
}

void lifecycle::run(service& running, reloader& settings, status_report* status) {
  running_ = &running;
  settings_ = &settings;
  report_ = status;
  tell("READY=1");
  await_signal();
  main_loop_.run();
}

void lifecycle::fail() {
  boost::asio::post(main_loop_, [this] {
    status_ = failed_status;
    main_loop_.stop();
  });
}

void lifecycle::await_signal() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (error)
      return;
    await_signal();
    on_signal(number);
  });
}

void lifecycle::on_signal(int number) {
  if (number == SIGHUP)
    reload();
  else
    stop();
}

void lifecycle::reload() {
  if (stopping_)
    return spdlog::warn("the settings are not reloaded: the service is stopping");
  notify_reloading();
  const auto refusal = settings_->reload();
  auto& counted = running_->settings();
  (refusal.empty() ? counted.reloads : counted.refused_reloads).add();
  if (report_ != nullptr)
    report_->set_remark(refusal.empty() ? "" : "reload refused: " + refusal);
  tell("READY=1");
}

void lifecycle::tell(const std::string& state) {
  if (report_ != nullptr)
    report_->tell_with(state);
}

void lifecycle::stop() {
  if (stopping_) {
    spdlog::warn("told to stop a second time: cutting off whoever is left");
    signals_.clear(); // So that the next one ends the process.
    begin_drain();
    return running_->end_drain();
  }
  stopping_ = true;
  running_->announce_end();
  if (report_ != nullptr)
    report_->set_remark({});
  tell("STOPPING=1");
  const std::chrono::seconds wait{settings_->running().service.drain_wait};
  if (wait.count() == 0)
    return begin_drain();
  spdlog::info("stopping: /readyz says so for {} s before connections are closed", wait.count());
  wait_.expires_after(wait);
  wait_.async_wait([this](boost::system::error_code error) {
    if (!error)
      begin_drain();
  });
}

void lifecycle::begin_drain() {
  wait_.cancel();
  if (std::exchange(draining_, true))
    return;
  spdlog::info("stopping: closing every connection");
  const auto& current = settings_->running().service;
  running_->begin_drain(std::chrono::seconds{current.drain}, current.reconnect_rate,
                        [this](std::size_t cut_off) {
                          boost::asio::post(main_loop_, [this, cut_off] { on_drained(cut_off); });
                        });
}

void lifecycle::on_drained(std::size_t cut_off) {
  if (cut_off > 0)
    spdlog::warn("{} connections did not take what was queued for them in time: cut off", cut_off);
  main_loop_.stop();
}

} // namespace klatch::app
