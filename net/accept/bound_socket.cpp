#include "net/accept/bound_socket.hpp"

#include <boost/asio/ip/v6_only.hpp>

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

} // namespace klatch::net
