/// How many connections an address has.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <unordered_map>

namespace klatch::net {

/// Counts connections by address. Not thread-safe: on the listener's worker only.
class address_limit {
public:
  /// `most`: connections an address may have; 0 for no limit.
  explicit address_limit(unsigned most) noexcept : most_(most) {}

  /// Takes a place for `address`; false where it has all it may have.
  bool take(const boost::asio::ip::address& address) {
    if (most_ == 0)
      return true;
    auto& count = taken_[address];
    if (count >= most_)
      return false;
    ++count;
    return true;
  }

  /// Gives back a place that was taken.
  void give_back(const boost::asio::ip::address& address) {
    const auto found = taken_.find(address);
    if (found != taken_.end() && --found->second == 0)
      taken_.erase(found);
  }

private:
  unsigned most_;
  std::unordered_map<boost::asio::ip::address, unsigned> taken_;
};

} // namespace klatch::net
