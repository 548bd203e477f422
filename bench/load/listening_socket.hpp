/// A socket that listens, as a service manager keeps one over restarts.
#pragma once

#include <cstdint>

namespace load {

/// On a port of its own of 127.0.0.1. Clients may connect to it whether there is a server or not.
class listening_socket {
public:
  /// Throws `failure`.
  listening_socket();
  ~listening_socket();
  listening_socket(const listening_socket&) = delete;
  listening_socket& operator=(const listening_socket&) = delete;

  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }

private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

} // namespace load
