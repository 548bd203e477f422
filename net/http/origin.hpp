/// Origins of web pages, and the hosts that requests name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::net {

/// A host, and the port if one is written: the value of a Host field (RFC 9110 section 7.2).
struct authority {
  /// In lower case, without a trailing dot; an IPv6 address in its shortest form, in brackets.
  std::string host;
  std::optional<std::uint16_t> port;
};

/// Returns nothing if `text` is not `host[:port]`: with user-info, a zone, or characters that no
/// host has. An empty port counts as none (RFC 3986 section 3.2.3).
std::optional<authority> parse_authority(std::string_view text);

/// Returns true if only this machine is reached by the name: `localhost` or a loopback address.
/// Expects a host as `authority` has it.
bool is_loopback_host(std::string_view host);

/// Scheme, host and port (RFC 6454 section 4).
struct web_origin {
  std::string scheme; ///< in lower case
  std::string host;   ///< as in `authority`
  /// The scheme's default if none is written; 0 if the scheme has none.
  std::uint16_t port = 0;

  /// Returns true if pages come from it: by `http` or `https`, not by an extension's or an app's
  /// scheme.
  bool is_web() const { return scheme == "http" || scheme == "https"; }

  friend bool operator==(const web_origin&, const web_origin&) = default;
};

/// Returns nothing if `text` is not exactly `scheme://host[:port]`; nothing for `null` too.
std::optional<web_origin> parse_origin(std::string_view text);

/// As browsers write it (RFC 6454 section 6.2): without the scheme's default port.
std::string to_string(const web_origin& origin);

/// Returns true if a page of `origin` comes from the host that a request names: a Host without a
/// port stands for the default port of the page's scheme, since a proxy may have ended TLS.
bool is_same(const web_origin& origin, const authority& host);

} // namespace klatch::net
