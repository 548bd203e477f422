#include "net/http/forwarded.hpp"

#include "net/addresses.hpp"

#include <optional>

namespace klatch::net {

namespace ip = boost::asio::ip;

namespace {

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\"");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\"") - first + 1);
}

/// An address, or one with a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
std::optional<ip::address> address_in(std::string_view entry) {
  if (entry.starts_with('[') && entry.find(']') == std::string_view::npos)
    return std::nullopt;
  if (entry.starts_with('['))
    entry = entry.substr(1, entry.find(']') - 1);
  else if (entry.find(':') == entry.rfind(':'))
    entry = entry.substr(0, entry.find(':'));
  boost::system::error_code error;
  const auto address = ip::make_address(std::string{entry}, error);
  if (error || (address.is_v6() && address.to_v6().scope_id() != 0))
    return std::nullopt;
  return unmapped(address);
}

} // namespace

ip::address client_address(const ip::address& peer, std::string_view chain,
                           const trusted_proxies& trusted) {
  auto client = peer;
  while (!chain.empty() && trusted.has(client)) {
    const auto comma = chain.rfind(',');
    const auto entry = comma == std::string_view::npos ? chain : chain.substr(comma + 1);
    chain = comma == std::string_view::npos ? std::string_view{} : chain.substr(0, comma);
    const auto address = address_in(without_blanks(entry));
    if (!address)
      break;
    client = *address;
  }
  return client;
}

} // namespace klatch::net
