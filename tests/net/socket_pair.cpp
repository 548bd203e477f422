#include "tests/net/socket_pair.hpp"

#include "tests/catch.hpp"

#include <sys/socket.h>

namespace klatch::test {

socket_pair::socket_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
  near = net::descriptor{ends[0]};
  far = net::descriptor{ends[1]};
}

void say(const net::descriptor& from, std::string_view text) {
  REQUIRE(::send(from.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
}

std::string heard(const net::descriptor& at) {
  std::string all;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto got = ::recv(at.get(), piece.data(), piece.size(), 0);
    if (got <= 0)
      return all;
    all.append(piece.data(), static_cast<std::size_t>(got));
  }
}

bool is_over(const net::descriptor& at) {
  char none = 0;
  return ::recv(at.get(), &none, 1, MSG_PEEK) == 0;
}

} // namespace klatch::test
