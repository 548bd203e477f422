#include "app/listen_address.hpp"

#include "app/config_error.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <limits>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

namespace klatch::app {

namespace {

constexpr auto expected = " is not an address and a port, such as 127.0.0.1:9001 (this machine "
                          "only), 0.0.0.0:9001 or [::]:9001 (every address)";

std::uint16_t parse_port(std::string_view whole, std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() ||
      port > std::numeric_limits<std::uint16_t>::max())
    throw config_error(in_quotes(whole) + ": the port is not a number from 0 to 65535");
  return static_cast<std::uint16_t>(port);
}

std::string parse_host(std::string_view whole, std::string_view text) {
  if (text == "localhost")
    return "127.0.0.1";
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    if (auto host = canonical_address(AF_INET6, text.substr(1, text.size() - 2)); !host.empty())
      return host;
  } else if (auto host = canonical_address(AF_INET, text); !host.empty()) {
    return host;
  }
  throw config_error(in_quotes(whole) + expected);
}

} // namespace

std::string canonical_address(int family, std::string_view text) {
  in6_addr address{}; // the larger of the two
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (inet_pton(family, std::string{text}.c_str(), &address) != 1 ||
      inet_ntop(family, &address, buffer.data(), buffer.size()) == nullptr)
    return {};
  return buffer.data();
}

listen_address parse_listen_address(std::string_view text) {
  if (!canonical_address(AF_INET6, text).empty())
    throw config_error(in_quotes(text) +
                       " lacks the brackets of an IPv6 address with a port: write [::1]:9001");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    throw config_error(in_quotes(text) + expected);
  auto host = parse_host(text, text.substr(0, colon));
  return {std::move(host), parse_port(text, text.substr(colon + 1))};
}

std::string to_string(const listen_address& address) {
  const auto port = std::to_string(address.port);
  return address.host.find(':') == std::string::npos ? address.host + ':' + port
                                                     : '[' + address.host + "]:" + port;
}

} // namespace klatch::app
