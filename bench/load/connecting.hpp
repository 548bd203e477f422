/// Sockets on their way to a server.
#pragma once

#include "bench/load/carrier.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace load {

/// A server to connect to, or several of a cluster.
struct target {
  std::string host; ///< an IPv4 address in digits
  std::uint16_t port;
  std::string path;
  carrier_kind carried = carrier_kind::plain;
  bool tls = false;
  bool resumes = false; ///< TLS sessions, where a client comes again
  /// Those of the other nodes: client 0 connects to the first one, client 1 to the next.
  std::vector<std::uint16_t> other_ports = {};

  std::uint16_t port_of(std::size_t client) const {
    const auto node = client % (other_ports.size() + 1);
    return node == 0 ? port : other_ports[node - 1];
  }
};

/// Returns true if its address is of this machine alone. Throws `failure` unless `host` is an IPv4
/// address.
bool is_on_loopback(const target& server);

/// A non-blocking socket whose connection to that port of the server has begun. `source`: from
/// which address of 127.0.0.1, 127.0.0.2, …; 0: from whichever the system takes. Throws `failure`.
int begin_connection(const target& server, std::uint16_t port, std::size_t source);

/// Returns 0 if the connection that was begun is there, otherwise the error's number.
int connection_error(int fd);

} // namespace load
