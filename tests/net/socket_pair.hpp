/// Two ends of a connection without a network.
#pragma once

#include "net/loop/descriptor.hpp"

#include <array>
#include <string>
#include <string_view>

namespace klatch::test {

/// Neither end blocks.
struct socket_pair {
  socket_pair();

  net::descriptor near; ///< the server's
  net::descriptor far;  ///< the client's
};

/// Writes all of it, for which there has to be room.
void say(const net::descriptor& from, std::string_view text);

/// What has come up to now.
std::string heard(const net::descriptor& at);

/// Whether the other side has closed, and all has been read.
bool is_over(const net::descriptor& at);

} // namespace klatch::test
