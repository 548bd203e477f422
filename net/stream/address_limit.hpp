/// How many connections an address has.
#pragma once

#include "net/addresses.hpp"

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <cstddef>
#include <unordered_map>

namespace klatch::net {

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
