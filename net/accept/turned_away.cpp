#include "net/accept/turned_away.hpp"

#include <array>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

namespace {

/// As much is taken of what a client that is refused has sent: a request's header and more.
constexpr int max_reads = 4;

/// What is unread when a socket closes turns the end into a reset.
void discard_input(int socket) noexcept {
  std::array<char, 16UL * 1024> nowhere; // NOLINT(cppcoreguidelines-pro-type-member-init)
  ssize_t taken = 1;
  for (int reads = 0; reads < max_reads && taken > 0; ++reads)
    taken = ::recv(socket, nowhere.data(), nowhere.size(), MSG_DONTWAIT);
}

} // namespace

void turned_away::add(descriptor socket, std::string_view answer, std::size_t limit,
                      clock::time_point now) {
  // The buffer of a new socket takes it whole; a client that has gone needs none.
  ::send(socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket.get(), SHUT_WR);
  discard_input(socket.get());
  kept_.push_back({std::move(socket), now + time_to_read});
  while (kept_.size() > limit)
    kept_.pop_front();
}

bool turned_away::close_due(clock::time_point now) {
  while (!kept_.empty() && kept_.front().due <= now) {
    discard_input(kept_.front().socket.get());
    kept_.pop_front();
  }
  return !kept_.empty();
}

} // namespace klatch::net
