#include "net/accept/listener.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

namespace {

/// Connections that are accepted before others have their turn.
constexpr int max_at_once = 64;

bool is_starved(const std::error_code& error) {
  return error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system || error == std::errc::no_buffer_space ||
         error == std::errc::not_enough_memory;
}

/// Sockets turned away that may stay open for a moment, if there are descriptors enough.
constexpr std::size_t max_turned_away = 16;

/// Returns true if what `bound` has accepted has come in at a loopback address.
bool is_on_loopback(const tcp_endpoint& bound, int accepted) {
  if (!bound.address().is_unspecified())
    return unmapped(bound.address()).is_loopback();
  tcp_endpoint local;
  auto size = static_cast<socklen_t>(local.capacity());
  if (::getsockname(accepted, local.data(), &size) != 0)
    return true; // The stricter one.
  local.resize(size);
  return unmapped(local.address()).is_loopback();
}

} // namespace

listener::listener(bound_socket socket, accept_handler handler, const timing& times,
                   std::shared_ptr<admission_control> control, std::size_t max_connections)
    : handler_(std::move(handler)), control_(std::move(control)), pause_length_(times.accept_pause),
      endpoint_(socket.endpoint()), secure_(socket.secure()),
      acceptor_(control_->home.io().get_executor(), endpoint_.protocol(), socket.release()),
      max_connections_(max_connections), pause_(control_->home.io().get_executor()),
      closing_(control_->home.io().get_executor()), shortages_(times.same_shortage) {
  acceptor_.non_blocking(true);
}

void listener::accept() {
  acceptor_.async_wait(
      tcp_acceptor::wait_read,
      [self = shared_from_this()](boost::system::error_code error) { self->on_ready(error); });
}

void listener::on_ready(boost::system::error_code failed) {
  if (failed || !acceptor_.is_open())
    return;
  reserve_.refresh();
  std::error_code error;
  for (int i = 0; i < max_at_once && accept_one(error); ++i) {
  }
  if (!is_starved(error))
    return accept();
  if (shortages_.is_new(repeat_filter::clock::now()))
    spdlog::error("no descriptor left for a new connection ({}): raise the limit (ulimit -n); "
                  "those who are connected are not touched, new ones wait",
                  error.message());
  // Those that wait for their clients make room, until there is a reserve again.
  while (control_->http.make_room(reserve_.size())) {
  }
  pause();
}

// accept4 directly: Asio's accept costs three more system calls.
bool listener::accept_one(std::error_code& error) {
  tcp_endpoint from;
  auto size = static_cast<socklen_t>(from.capacity());
  descriptor accepted{
      ::accept4(acceptor_.native_handle(), from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!accepted.is_open()) {
    error = {errno, std::system_category()};
    // Errors of the connection that was to be accepted say nothing of the next one (accept(2)).
    return error != std::errc::operation_would_block && !is_starved(error);
  }
  error = {};
  from.resize(size);
  if (has_descriptors_for(accepted))
    hand_over(std::move(accepted), from);
  else
    turn_away(std::move(accepted), handler_.no_descriptor);
  return true;
}

/// The system gives out the lowest number that is free: a number tells how many are connected.
bool listener::is_one_too_many(const descriptor& accepted) noexcept {
  first_number_ = first_number_ < 0 ? accepted.get() : first_number_;
  return max_connections_ > 0 &&
         accepted.get() - first_number_ >= static_cast<std::int64_t>(max_connections_);
}

bool listener::has_descriptors_for(const descriptor& accepted) {
  if (is_one_too_many(accepted))
    return false;
  if (!reserve_.is_touched_by(accepted.get()) || control_->http.make_room(reserve_.size() / 2))
    return true;
  if (shortages_.is_new(repeat_filter::clock::now()))
    spdlog::error("only {} descriptors of {} are left: raise the limit (ulimit -n); those who are "
                  "connected are not touched, new ones are answered with 503",
                  reserve_.size(), reserve_.limit());
  return false;
}

void listener::hand_over(descriptor socket, const tcp_endpoint& from) {
  const arrival arrived{unmapped(from.address()), is_on_loopback(endpoint_, socket.get()), secure_};
  if (!handler_.on_accepted(socket, arrived))
    turn_away(std::move(socket), handler_.too_many);
}

void listener::turn_away(descriptor socket, const std::string& answer) {
  turned_away_.add(std::move(socket), answer, std::min(max_turned_away, reserve_.size() / 2),
                   turned_away::clock::now());
  close_turned_away();
}

void listener::close_turned_away() {
  if (closing_awaited_ || !turned_away_.close_due(turned_away::clock::now()))
    return;
  closing_awaited_ = true;
  closing_.expires_after(turned_away::time_to_read);
  closing_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    self->closing_awaited_ = false;
    if (!error)
      self->close_turned_away();
  });
}

void listener::pause() {
  pause_.expires_after(pause_length_);
  pause_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->acceptor_.is_open())
      self->accept();
  });
}

void listener::stop() {
  // Not `close`, which leaves it in the epoll set of Asio as long as another process has it too.
  boost::system::error_code ignored;
  if (acceptor_.is_open())
    const descriptor closed{acceptor_.release(ignored)};
  pause_.cancel();
  closing_.cancel();
  turned_away_.clear();
}

} // namespace klatch::net
