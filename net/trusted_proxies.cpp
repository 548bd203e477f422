#include "net/trusted_proxies.hpp"

#include "net/addresses.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace klatch::net {

namespace ip = boost::asio::ip;

namespace {

template<class Bytes>
bool share_bits(const Bytes& a, const Bytes& b, unsigned bits) {
  for (std::size_t index = 0; bits > 0; ++index) {
    const auto here = std::min(bits, 8U);
    const auto mask = static_cast<unsigned>(0xFF00U >> here) & 0xFFU;
    if ((a[index] & mask) != (b[index] & mask))
      return false;
    bits -= here;
  }
  return true;
}

unsigned all_bits(const ip::address& address) { return address.is_v4() ? 32 : 128; }

} // namespace

std::optional<network> network::parse(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code error;
  const auto address = ip::make_address(std::string{text.substr(0, slash)}, error);
  if (error)
    return std::nullopt;
  if (slash == std::string_view::npos)
    return network{address, all_bits(address)};
  const auto length = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, failed] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (failed != std::errc{} || end != length.data() + length.size() || bits > all_bits(address))
    return std::nullopt;
  return network{address, bits};
}

bool network::has(const ip::address& address) const {
  const auto plain = unmapped(address);
  if (plain.is_v4() != first_.is_v4())
    return false;
  return plain.is_v4() ? share_bits(plain.to_v4().to_bytes(), first_.to_v4().to_bytes(), bits_)
                       : share_bits(plain.to_v6().to_bytes(), first_.to_v6().to_bytes(), bits_);
}

std::string network::to_string() const {
  return first_.to_string() + (bits_ == all_bits(first_) ? "" : '/' + std::to_string(bits_));
}

bool trusted_proxies::has(const ip::address& address) const {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const network& each) { return each.has(address); });
}

} // namespace klatch::net
