/// What is one address, and what counts as one.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace klatch::net {

/// An IPv4 address that has come through a socket for both families is IPv4; others stay as they
/// are.
inline boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped())
    return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

/// What counts as one address under a limit: an IPv4 address; of an IPv6 address the first 64 bits,
/// since the owner of one has all of its /64.
inline boost::asio::ip::address network_of(const boost::asio::ip::address& address) {
  auto plain = unmapped(address);
  if (plain.is_v4())
    return plain;
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return boost::asio::ip::address_v6{bytes};
}

} // namespace klatch::net
