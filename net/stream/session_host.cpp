#include "net/stream/session_host.hpp"

#include "messages/clock.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace klatch::net {

session_host::session_host(worker& home, const net::options& options,
                           const actors::chat_actors& chat, host_shared& shared)
    : home_(home), options_(options), shared_(shared),
      frames_(options_.allowed), scope_{options_.allowed,
                                        frames_,
                                        chat.supervisor,
                                        chat.archive,
                                        std::chrono::duration_cast<std::chrono::seconds>(
                                            options_.times.ping),
                                        &shared.users,
                                        machine_clock(),
                                        spdlog::default_logger(),
                                        home.counters(),
                                        options_.access,
                                        &shared.failures,
                                        &shared.new_guests},
      directory_(chat.directory), wheel_(options.times.tick), timer_(home.io().get_executor()) {
  scope_.log_addresses = options.log_addresses;
  shared.hosts.push_back(this);
}

std::string session_host::name_in_log(const boost::asio::ip::address& client) const {
  return options_.log_addresses ? client.to_string() : "a client";
}

void session_host::use(const net::options& next) {
  options_ = next;
  scope_.log_addresses = next.log_addresses;
  scope_.take_rates();
  shared_.failures.set_most(next.allowed.token_failures);
  shared_.new_guests.set_most(next.allowed.new_guests);
  set_access(next.access);
}

void session_host::enter(session& arrived) {
  if (!home_.buffers().is_counted())
    home_.buffers().count_in(shared_.buffers, [this] { on_budget_exceeded(); });
  sessions_.push_back(arrived);
}

tls_lane& session_host::tls() {
  if (!tls_)
    tls_ = std::make_unique<tls_lane>(home_, *options_.certificates, options_.handshakes_waiting);
  return *tls_;
}

void session_host::schedule(timed& target, std::chrono::milliseconds delay) {
  wheel_.schedule(target, delay);
  arm();
}

void session_host::arm() {
  if (armed_ || closed_)
    return;
  armed_ = true;
  timer_->expires_after(wheel_.tick());
  timer_->async_wait([this](boost::system::error_code error) {
    armed_ = false;
    if (error)
      return;
    wheel_.advance();
    if (!wheel_.empty())
      arm();
  });
}

connection_actor session_host::start_connection(std::shared_ptr<actors::transport> client,
                                                std::string token) {
  return home_.spawn<actors::connection>(scope_, std::move(client), directory_, std::move(token));
}

void session_host::set_access(access_rules_ptr rules) {
  const auto before = std::exchange(scope_.access, std::move(rules));
  for (auto each = sessions_.begin(); each != sessions_.end();) {
    auto& session = *each++; // it may leave
    session.on_access_changed(*before);
  }
}

std::chrono::steady_clock::duration session_host::blocked_for(std::string_view address) const {
  return shared_.failures.blocked_for(address, scope_.time.steady());
}

// -- the budget of all buffers --------------------------------------------------------------------

void session_host::on_budget_exceeded() {
  for (auto* each : shared_.hosts)
    if (!each->shed_asked_.exchange(true))
      boost::asio::post(each->home_.io(), [each] { each->shed(); });
}

void session_host::shed() {
  shed_asked_ = false;
  const auto& buffers = home_.buffers();
  const auto part = shared_.buffers.limit() / shared_.hosts.size();
  if (closed_ || !shared_.buffers.exceeded() || buffers.held() <= part)
    return;
  std::vector<std::pair<std::size_t, session*>> holders;
  for (auto& each : sessions_)
    if (const auto bytes = each.held_bytes(); bytes > 0)
      holders.emplace_back(bytes, &each);
  std::sort(holders.begin(), holders.end(), std::greater<>{});
  const auto before = buffers.held();
  std::size_t closed = 0;
  for (; closed < holders.size() && buffers.held() > part - part / 8; ++closed)
    holders[closed].second->shed();
  home_.buffers().report();
  if (const auto now = std::chrono::steady_clock::now(); now >= next_warning_)
    next_warning_ = now + options_.times.same_shortage;
  else
    return;
  spdlog::warn("the buffers of all connections hold more than {} MiB (--buffer-memory): closed the "
               "{} of worker {} that held most, {} of {} KiB",
               shared_.buffers.limit() >> 20U, closed, home_.index(),
               (before - buffers.held()) >> 10U, before >> 10U);
}

void session_host::close_all() {
  closed_ = true;
  timer_.reset();
  while (!sessions_.empty())
    sessions_.front().abort();
  tls_.reset();
  directory_.reset();
  scope_.supervisor = nullptr;
  scope_.archive.reset();
  home_.buffers().count_no_more();
}

} // namespace klatch::net
