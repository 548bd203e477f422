/// A socket that listens.
#pragma once

#include "net/accept/socket.hpp"
#include "net/loop/descriptor.hpp"

#include <cstdint>
#include <string>

namespace klatch::net {

/// What an IPv6 socket takes: `both` is IPv4 too, if the system lets it.
enum class families : std::uint8_t { one, both };

/// A socket that listens before any thread is there to accept.
class bound_socket {
public:
  /// Listens on a numeric address; port 0 lets the system choose. Throws
  /// `boost::system::system_error`. `secure`: what comes in begins with TLS.
  bound_socket(const std::string& host, std::uint16_t port, families accepted = families::one,
               bool secure = false);

  /// Takes a TCP socket over that listens already; the file description may be shared with others.
  /// Throws `boost::system::system_error` for anything else.
  explicit bound_socket(descriptor listening, bool secure = false);

  const tcp_endpoint& endpoint() const noexcept { return endpoint_; }
  bool secure() const noexcept { return secure_; }
  /// Gives the descriptor away.
  int release() noexcept { return socket_.release(); }

private:
  descriptor socket_;
  tcp_endpoint endpoint_;
  bool secure_;
};

} // namespace klatch::net
