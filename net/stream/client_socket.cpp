#include "net/stream/client_socket.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

client_socket::client_socket(socket_owner& owner, client_socket&& before,
                             std::size_t bound) noexcept
    : cork(std::move(before.socket()), before.home(), bound), readable_(before.readable_),
      ending_(before.ending_), slot_(before.slot_), owner_(owner) {
  assert(before.idle());
}

std::error_code client_socket::open(const std::shared_ptr<void>& keep) {
  std::error_code error;
  slot_ = home().sockets().add(socket().get(), std::shared_ptr<pollable>{keep, this}, error);
  return error;
}

void client_socket::take_over(const std::shared_ptr<void>& keep) noexcept {
  home().sockets().replace(slot_, std::shared_ptr<pollable>{keep, this});
}

std::shared_ptr<pollable> client_socket::shut() noexcept {
  assert(socket().is_open());
  home().forget(*this);
  readable_ = false;
  discard();
  auto kept = home().sockets().remove(slot_);
  socket().reset();
  return kept;
}

void client_socket::on_events(std::uint32_t events) {
  constexpr std::uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  ending_ = ending_ || (events & ends) != 0;
  readable_ = readable_ || (events & (EPOLLIN | ends)) != 0;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
    write_rest();
  if (readable_)
    owner_.on_readable();
}

client_socket::attempt client_socket::read(std::span<char> into) noexcept {
  const auto got = ::recv(socket().get(), into.data(), into.size(), 0);
  if (got > 0) {
    const auto bytes = static_cast<std::size_t>(got);
    // What comes after a read that found less than it could take is an event anew (epoll(7)).
    readable_ = bytes == into.size() || ending_;
    home().sockets().count_input(bytes);
    home().counters().bytes_received.add(bytes);
    return {.bytes = bytes};
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    readable_ = errno == EINTR;
    return {};
  }
  return {.ended = true};
}

void client_socket::on_blocked() { home().sockets().watch_writing(slot_, socket().get()); }

void client_socket::read_later() { home().repeat(slot_); }

void client_socket::end_output() noexcept { ::shutdown(socket().get(), SHUT_WR); }

void client_socket::limit_unsent(std::size_t bytes) noexcept {
  const int limit = static_cast<int>(bytes);
  ::setsockopt(socket().get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &limit, sizeof limit);
}

std::size_t client_socket::unconfirmed_bytes() noexcept {
  int in_system = 0;
  ::ioctl(socket().get(), SIOCOUTQ, &in_system);
  return waiting_bytes() + static_cast<std::size_t>(std::max(in_system, 0));
}

} // namespace klatch::net
