#include "bench/load/listening_socket.hpp"

#include "bench/load/failure.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace load {

namespace {

constexpr int longest_queue = 4096; // as Klatch listens itself

/// Returns its port.
std::uint16_t listen_on_loopback(int descriptor) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(descriptor, generic, size) != 0 || listen(descriptor, longest_queue) != 0 ||
      getsockname(descriptor, generic, &size) != 0)
    throw system_failure("listen");
  return ntohs(address.sin_port);
}

} // namespace

listening_socket::listening_socket()
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0)
    throw system_failure("socket");
  try {
    port_ = listen_on_loopback(descriptor_);
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

listening_socket::~listening_socket() { close(descriptor_); }

} // namespace load
