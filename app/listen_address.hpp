/// Where the service listens, as written in a setting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace klatch::app {

/// `host`: a numeric IPv4 or IPv6 address in its shortest form, without brackets or zone; `port` 0:
/// the system chooses.
struct listen_address {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const listen_address&, const listen_address&) = default;
};

/// Returns what `ADDR:PORT` says; ADDR is an IPv4 address, an IPv6 address in brackets, or
/// `localhost` for 127.0.0.1. Throws `config_error`.
listen_address parse_listen_address(std::string_view text);

/// `127.0.0.1:9001`, `[::1]:9001`.
std::string to_string(const listen_address& address);

/// Returns the shortest form of a numeric address of `family` (`AF_INET` or `AF_INET6`); empty if
/// `text` is none.
std::string canonical_address(int family, std::string_view text);

} // namespace klatch::app
