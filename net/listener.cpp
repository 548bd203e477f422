#include "net/listener.hpp"

#include "net/http_session.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

namespace asio = boost::asio;

namespace {

/// Connections that are accepted before others have their turn.
constexpr int most_at_once = 64;

bool is_starved(const std::error_code& error) {
  return error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system || error == std::errc::no_buffer_space ||
         error == std::errc::not_enough_memory;
}

/// An IPv4 address that has come through a socket for both families is what it is.
asio::ip::address unmapped(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped())
    return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

/// Whether a connection that `bound` has accepted has come in at a loopback address.
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

bound_socket::bound_socket(const std::string& host, std::uint16_t port) {
  asio::io_context nowhere;
  const tcp_endpoint wanted{asio::ip::make_address(host), port};
  tcp_acceptor acceptor{nowhere};
  acceptor.open(wanted.protocol());
  acceptor.set_option(tcp_acceptor::reuse_address{true});
  if (wanted.address().is_v6())
    acceptor.set_option(asio::ip::v6_only{true});
  acceptor.set_option(asio::ip::tcp::no_delay{true}); // What is accepted has it from here.
  acceptor.bind(wanted);
  acceptor.listen(tcp_acceptor::max_listen_connections);
  endpoint_ = acceptor.local_endpoint();
  socket_ = descriptor{acceptor.release()};
}

listener::listener(bound_socket socket, std::vector<lane*> lanes,
                   std::shared_ptr<admission_desk> desk)
    : lanes_(std::move(lanes)), desk_(std::move(desk)), endpoint_(socket.endpoint()),
      acceptor_(desk_->home.io().get_executor(), endpoint_.protocol(), socket.release()),
      pause_(desk_->home.io().get_executor()),
      of_descriptors_(lanes_.front()->chosen().times.same_shortage) {
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
  std::error_code error;
  for (int i = 0; i < most_at_once && accept_one(error); ++i) {
  }
  if (!is_starved(error))
    return accept();
  if (of_descriptors_.is_new(shortage::clock::now()))
    spdlog::error("no descriptor left for a new connection ({}): raise the limit (ulimit -n); "
                  "those who are connected are not touched, new ones wait",
                  error.message());
  pause();
}

// Not Asio's, which takes three system calls more for each.
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
  begin_session(std::move(accepted), from);
  return true;
}

void listener::begin_session(descriptor socket, const tcp_endpoint& from) {
  auto& where = *lanes_[turn_++ % lanes_.size()];
  const auto address = unmapped(from.address());
  const bool admitted = desk_->limit.take(address);
  admission place{admitted ? desk_ : nullptr, address};
  const bool on_loopback = is_on_loopback(endpoint_, socket.get());
  auto begun = std::make_shared<http_session>(where, std::move(socket), std::move(place), admitted,
                                              on_loopback);
  asio::dispatch(where.home().io(), [begun = std::move(begun), &where] {
    if (!where.closed())
      begun->start();
  });
}

void listener::pause() {
  pause_.expires_after(lanes_.front()->chosen().times.accept_pause);
  pause_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->acceptor_.is_open())
      self->accept();
  });
}

void listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

} // namespace klatch::net
