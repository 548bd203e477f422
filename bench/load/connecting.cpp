#include "bench/load/connecting.hpp"

#include "bench/load/failure.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace load {

namespace {

sockaddr_in socket_address(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw failure("not an IPv4 address: " + host);
  return address;
}

/// The port is chosen by `connect`, which knows the other end.
void bind_source(int fd, std::size_t number) {
  int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + static_cast<std::uint32_t>(number));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
    throw system_failure("bind to a source address");
}

void begin(int fd, const target& server, std::uint16_t port, std::size_t source) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source > 0)
    bind_source(fd, source);
  const auto address = socket_address(server.host, port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS)
    throw system_failure("connect");
}

} // namespace

bool is_on_loopback(const target& server) {
  return ntohl(socket_address(server.host, server.port).sin_addr.s_addr) >> 24 == 127;
}

int begin_connection(const target& server, std::uint16_t port, std::size_t source) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    throw system_failure("socket");
  try {
    begin(fd, server, port, source);
  } catch (...) {
    close(fd);
    throw;
  }
  return fd;
}

int connection_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

} // namespace load
