#include "net/stream/client_socket.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

client_socket::client_socket(client_socket&& before, std::size_t bound) noexcept
    : cork(std::move(before.socket()), before.home(), bound), place_(before.place_),
      readable_(before.readable_), ending_(before.ending_) {}

std::error_code client_socket::open(std::shared_ptr<pollable> self) {
  std::error_code error;
  place_ = home().sockets().add(socket().get(), std::move(self), error);
  return error;
}

void client_socket::take_over(std::shared_ptr<pollable> self) noexcept {
  home().sockets().replace(place_, std::move(self));
}

std::shared_ptr<pollable> client_socket::shut() noexcept {
  readable_ = false;
  discard();
  auto kept = home().sockets().remove(place_);
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
    on_readable();
}

client_socket::attempt client_socket::read(std::span<char> into) noexcept {
  const auto got = ::recv(socket().get(), into.data(), into.size(), 0);
  if (got > 0) {
    const auto bytes = static_cast<std::size_t>(got);
    // What comes after a read that found less than it could take is told anew (epoll(7)).
    readable_ = bytes == into.size() || ending_;
    home().sockets().count_input(bytes);
    return {.bytes = bytes};
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    readable_ = errno == EINTR;
    return {};
  }
  return {.ended = true};
}

void client_socket::on_blocked() { home().sockets().watch_writing(place_, socket().get()); }

void client_socket::read_later() { home().repeat(place_); }

} // namespace klatch::net
