/// An accepted connection's two ends.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace klatch::net {

/// Where a connection has come from and in.
struct arrival {
  boost::asio::ip::address address; ///< the client's
  bool on_loopback = false;         ///< it was reached at a loopback address
  bool secure = false;              ///< it begins with TLS
};

} // namespace klatch::net
