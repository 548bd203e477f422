/// Sockets on their way to a server.
#pragma once

#include "bench/load/carrier.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace load {

/// A server to connect to.
struct target {
  std::string host; ///< an IPv4 address in digits
  std::uint16_t port;
  std::string path;
  carrier_kind carried = carrier_kind::plain;
  bool tls = false;
  bool resumes = false; ///< TLS sessions, where a client comes again
};

/// Returns true if its address is of this machine alone. Throws `failure` unless `host` is an IPv4
/// address.
bool is_on_loopback(const target& server);

/// A non-blocking socket whose connection to the server has begun. `source`: from which address of
/// 127.0.0.1, 127.0.0.2, …; 0: from whichever the system takes. Throws `failure`.
int begin_connection(const target& server, std::size_t source);

/// Returns 0 if the connection that was begun is there, otherwise the error's number.
int connection_error(int fd);

} // namespace load
