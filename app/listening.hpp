/// Where the service listens.
#pragma once

#include "app/config.hpp"
#include "net/accept/bound_socket.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace klatch::app {

/// `what()` is one sentence for the operator.
class cannot_start : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Returns the sockets that a service manager has passed on, or else listens on the addresses of
/// `--listen` and `--listen-tls`. Throws `cannot_start` if that cannot be, and `config_error` where
/// nobody would be asked for a token and others reach one of them.
std::vector<net::bound_socket> open_sockets(const config& options);

/// The same for the addresses of `--listen-api`; says in the log where they are.
std::vector<net::bound_socket> open_sockets_for_operators(const config& options);

/// Says that the service is ready, with what to type into a browser on this machine.
std::string line_for(const std::vector<net::bound_socket>& sockets);

} // namespace klatch::app
