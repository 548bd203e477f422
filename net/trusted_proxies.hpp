/// The proxies that are believed.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::net {

/// Some addresses that belong together, as CIDR writes them (RFC 4632 section 3.1): `10.0.0.0/8`,
/// `2001:db8::/32`, or one address alone.
class network {
public:
  /// Returns the network that `text` names; nothing if it names none.
  static std::optional<network> parse(std::string_view text);

  bool has(const boost::asio::ip::address& address) const;
  std::string to_string() const;

  friend bool operator==(const network&, const network&) = default;

private:
  network(boost::asio::ip::address first, unsigned bits) : first_(std::move(first)), bits_(bits) {}

  boost::asio::ip::address first_;
  unsigned bits_; ///< that all of them have in common
};

/// Whose word on a client's address counts.
struct trusted_proxies {
  std::vector<network> networks;
  std::string header = "X-Forwarded-For"; ///< the one field that is read

  bool has(const boost::asio::ip::address& address) const;
};

} // namespace klatch::net
