#include "net/accept/bound_socket.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

namespace asio = boost::asio;

bound_socket::bound_socket(const std::string& host, std::uint16_t port, families accepted,
                           bool secure)
    : secure_(secure) {
  asio::io_context unused;
  const tcp_endpoint wanted{asio::ip::make_address(host), port};
  tcp_acceptor acceptor{unused};
  acceptor.open(wanted.protocol());
  acceptor.set_option(tcp_acceptor::reuse_address{true});
  if (wanted.address().is_v6()) {
    boost::system::error_code refused = asio::error::operation_not_supported;
    if (accepted == families::both)
      acceptor.set_option(asio::ip::v6_only{false}, refused);
    if (refused)
      acceptor.set_option(asio::ip::v6_only{true});
  }
  acceptor.set_option(asio::ip::tcp::no_delay{true}); // What is accepted has it from here.
  acceptor.bind(wanted);
  acceptor.listen(tcp_acceptor::max_listen_connections);
  endpoint_ = acceptor.local_endpoint();
  socket_ = descriptor{acceptor.release()};
}

bound_socket::bound_socket(descriptor listening, bool secure)
    : socket_(std::move(listening)), secure_(secure) {
  int listens = 0;
  auto size = static_cast<socklen_t>(sizeof listens);
  auto length = static_cast<socklen_t>(endpoint_.capacity());
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
      ::getsockname(socket_.get(), endpoint_.data(), &length) != 0)
    throw boost::system::system_error{errno, boost::system::system_category()};
  const auto family = endpoint_.data()->sa_family;
  if (listens == 0 || (family != AF_INET && family != AF_INET6))
    throw boost::system::system_error{EINVAL, boost::system::system_category()};
  endpoint_.resize(length);
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket_.get(), F_SETFD, FD_CLOEXEC);
}

} // namespace klatch::net
