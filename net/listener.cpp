#include "net/listener.hpp"

#include "net/http_session.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <unistd.h>
#include <utility>

namespace klatch::net {

namespace asio = boost::asio;

bound_socket::bound_socket(const std::string& host, std::uint16_t port) {
  asio::io_context nowhere;
  const tcp_endpoint wanted{asio::ip::make_address(host), port};
  tcp_acceptor acceptor{nowhere};
  acceptor.open(wanted.protocol());
  acceptor.set_option(tcp_acceptor::reuse_address{true});
  if (wanted.address().is_v6())
    acceptor.set_option(asio::ip::v6_only{true});
  acceptor.bind(wanted);
  acceptor.listen(tcp_acceptor::max_listen_connections);
  endpoint_ = acceptor.local_endpoint();
  descriptor_ = acceptor.release();
}

bound_socket::bound_socket(bound_socket&& other) noexcept
    : descriptor_(other.release()), endpoint_(std::move(other.endpoint_)) {}

bound_socket::~bound_socket() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

int bound_socket::release() noexcept { return std::exchange(descriptor_, -1); }

listener::listener(bound_socket socket, std::vector<lane*> lanes,
                   std::shared_ptr<admission_desk> desk)
    : lanes_(std::move(lanes)), desk_(std::move(desk)), endpoint_(socket.endpoint()),
      acceptor_(desk_->home.io().get_executor(), endpoint_.protocol(), socket.release()),
      pause_(desk_->home.io().get_executor()) {}

void listener::accept() {
  const auto turn = turn_++ % lanes_.size();
  acceptor_.async_accept(
      lanes_[turn]->home().io().get_executor(),
      [self = shared_from_this(), turn](boost::system::error_code error, tcp_socket socket) {
        self->on_accept(error, std::move(socket), turn);
      });
}

void listener::on_accept(boost::system::error_code error, tcp_socket socket, std::size_t turn) {
  if (!acceptor_.is_open())
    return;
  const bool starved = error == asio::error::no_descriptors ||
                       error == asio::error::no_buffer_space || error == asio::error::no_memory ||
                       error == boost::system::errc::too_many_files_open_in_system;
  if (starved) {
    if (!std::exchange(starved_, true))
      spdlog::error("no descriptor left for a new connection ({}): raise the limit (ulimit -n); "
                    "those who are "
                    "connected are not touched, new ones wait",
                    error.message());
    return pause();
  }
  if (!error) {
    starved_ = false;
    begin_session(std::move(socket), *lanes_[turn]);
  }
  accept();
}

void listener::begin_session(tcp_socket socket, lane& where) {
  boost::system::error_code error;
  const auto from = socket.remote_endpoint(error);
  if (error) // The client has gone already.
    return;
  socket.set_option(asio::ip::tcp::no_delay{true}, error);
  socket.non_blocking(true, error);
  const bool admitted = desk_->limit.take(from.address());
  admission place{admitted ? desk_ : nullptr, from.address()};
  auto begun = std::make_shared<http_session>(where, std::move(socket), std::move(place), admitted);
  asio::post(where.home().io(), [begun = std::move(begun), &where] {
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
