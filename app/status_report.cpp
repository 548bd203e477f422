#include "app/status_report.hpp"

#include <utility>

namespace klatch::app {

namespace {

/// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number) {
  const auto digits = std::to_string(number);
  std::string result;
  for (std::size_t index = 0; index < digits.size(); ++index) {
    if (index != 0 && (digits.size() - index) % 3 == 0)
      result += ',';
    result += digits[index];
  }
  return result;
}

std::string counted(std::uint64_t number, const std::string& one) {
  return grouped(number) + ' ' + one + (number == 1 ? "" : "s");
}

} // namespace

std::string line_for(const service_figures& of) {
  auto text = counted(of.connections, "connection");
  if (of.draining)
    return "closing every connection: " + text + " left";
  text += ", " + counted(of.users, "user") + ", ";
  if (!of.stores)
    return text + "nothing is stored";
  text += counted(of.stored, "message") + " stored";
  return text + (of.writable ? "" : ", the store cannot be written");
}

status_report::status_report(boost::asio::io_context& loop, service& watched, teller tell,
                             std::chrono::milliseconds interval)
    : timer_(loop.get_executor()), watched_(watched), tell_(std::move(tell)), interval_(interval) {
  wait();
}

std::string status_report::text() const {
  auto figures = line_for(watched_.figures());
  return remark_.empty() ? figures : remark_ + "; " + figures;
}

void status_report::tell_with(const std::string& state) {
  told_ = text();
  tell_(state + "\nSTATUS=" + told_);
}

void status_report::wait() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error)
      return;
    if (auto now = text(); now != told_) {
      told_ = std::move(now);
      tell_("STATUS=" + told_);
    }
    wait();
  });
}

} // namespace klatch::app
