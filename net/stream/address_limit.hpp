/// How many connections an address has.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <unordered_map>

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

/// Counts connections by address, as `network_of` tells them apart. Not thread-safe: on the
/// listener's worker only, but for what says otherwise.
class address_limit {
public:
  /// `limit`: connections an address may have; 0 for no limit.
  explicit address_limit(unsigned limit) noexcept : limit_(limit) {}

  /// On any thread.
  bool is_unlimited() const noexcept { return limit_.load(std::memory_order_relaxed) == 0; }

  /// Counts from now on; those who have a place keep it.
  void set_limit(unsigned limit) noexcept { limit_.store(limit, std::memory_order_relaxed); }

  /// Returns true if `take` would succeed.
  bool has_room(const boost::asio::ip::address& address) const {
    const auto found = counts_.find(network_of(address));
    return is_unlimited() || found == counts_.end() ||
           found->second < limit_.load(std::memory_order_relaxed);
  }

  /// Takes a place for `address`; false if it has all it may have.
  bool take(const boost::asio::ip::address& address) {
    if (!has_room(address))
      return false;
    ++counts_[network_of(address)];
    return true;
  }

  /// Gives back a place that was taken.
  void give_back(const boost::asio::ip::address& address) {
    const auto found = counts_.find(network_of(address));
    if (found != counts_.end() && --found->second == 0)
      counts_.erase(found);
  }

private:
  std::atomic<unsigned> limit_;
  std::unordered_map<boost::asio::ip::address, unsigned> counts_;
};

} // namespace klatch::net
