#include "net/stream/client_socket.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

client_socket::client_socket(socket_owner& owner, client_socket&& before,
                             std::size_t bound) noexcept
    : cork(std::move(before.socket()), before.home(), bound), readable_(before.readable_),
      ending_(before.ending_), slot_(before.slot_), owner_(owner) {
  assert(before.idle());
  tls() = std::move(before.tls());
  // It may be about to be flushed, for what TLS has to say, and is gone before that.
  home().forget(before);
  if (tls() && tls()->has_output())
    home().flush_later(*this);
}

bool client_socket::secure(tls_lane& lane) {
  if (!lane.contexts())
    return false;
  tls() = std::make_unique<tls_side>(lane);
  return true;
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

client_socket::attempt client_socket::receive(std::span<char> into) noexcept {
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

client_socket::attempt client_socket::read_secure(std::span<char> into) {
  auto& side = *tls();
  const auto buffer = side.lane().input();
  assert(into.size() >= buffer.size() + record_cutter::max_record_bytes);
  if (side.waits()) {
    readable_ = false; // Its turn is an event.
    return {};
  }
  attempt came;
  if (!side.over() && !side.granted()) {
    came = receive(buffer);
    if (came.bytes == 0)
      return came;
  }
  const auto before = side.held_bytes();
  const auto found = side.open({buffer.data(), came.bytes}, into);
  home().buffers().resized(before, side.held_bytes());
  if (found.now != tls_side::state::not_secure) {
    auto result = after_opening(found);
    if (found.now == tls_side::state::open && found.bytes == 0 && found.overhead == 0)
      result.piece = came.bytes;
    return result;
  }
  std::copy_n(buffer.begin(), came.bytes, into.begin());
  tls().reset();
  return {.bytes = came.bytes, .not_secure = true};
}

client_socket::attempt client_socket::after_opening(const tls_side::opened& found) {
  const bool over = found.now == tls_side::state::over;
  if (over && found.bytes == 0) {
    send_last_of_tls();
    return {.ended = true};
  }
  readable_ = readable_ || over; // The next attempt finds the end.
  if (found.now == tls_side::state::no_turn)
    await_turn();
  if (tls()->has_output())
    home().flush_later(*this);
  return {.bytes = found.bytes, .overhead = found.overhead, .textless = found.textless};
}

void client_socket::await_turn() {
  readable_ = !tls()->await_turn(slot_);
  if (readable_)
    tls()->give_up();
}

void client_socket::send_last_of_tls() noexcept {
  std::string last;
  tls()->end(last);
  if (idle() && !last.empty())
    ::send(socket().get(), last.data(), last.size(), MSG_NOSIGNAL);
}

void client_socket::on_blocked() { home().sockets().watch_writing(slot_, socket().get()); }

void client_socket::read_later() { home().repeat(slot_); }

void client_socket::end_output() noexcept {
  if (tls())
    send_last_of_tls();
  ::shutdown(socket().get(), SHUT_WR);
}

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
