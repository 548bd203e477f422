#include "net/http/origin_policy.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace klatch::net {

namespace {

/// Returns true if what comes from loopback is this machine's own: what a local proxy passes on is
/// not.
bool is_trusted(const provenance& asked) {
  if (asked.forwarded)
    return false;
  return !asked.from_loopback || !asked.host || is_loopback_host(asked.host->host);
}

/// What comes by TLS is not for a page that has come without, which others may have changed.
bool is_own_page(const web_origin& origin, const provenance& asked) {
  return asked.host && is_same(origin, *asked.host) && (!asked.secure || origin.scheme == "https");
}

} // namespace

origin_policy::origin_policy(const std::vector<std::string>& allowed) {
  for (const auto& each : allowed) {
    if (each == "*") {
      all_ = true;
      continue;
    }
    auto origin = parse_origin(each);
    if (!origin)
      throw std::invalid_argument("not an origin: " + each);
    allowed_.push_back(*std::move(origin));
  }
}

bool origin_policy::is_allowed(const web_origin& origin) const {
  return std::find(allowed_.begin(), allowed_.end(), origin) != allowed_.end();
}

bool origin_policy::admits(const provenance& asked) const {
  if (!asked.origin || all_)
    return true;
  if (*asked.origin == "null")
    return asked.from_loopback && is_trusted(asked);
  const auto origin = parse_origin(*asked.origin);
  if (!origin)
    return false;
  return is_own_page(*origin, asked) || is_allowed(*origin) ||
         (origin->is_web() && is_loopback_host(origin->host) && is_trusted(asked));
}

bool origin_policy::admits_by_name(const provenance& asked) const {
  if (!asked.origin)
    return false;
  const auto origin = parse_origin(*asked.origin);
  return origin && ((asked.host && is_same(*origin, *asked.host)) || is_allowed(*origin));
}

bool origin_policy::admits_on_loopback(const authority& host) const {
  return all_ || is_loopback_host(host.host) ||
         std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const web_origin& each) { return each.host == host.host; });
}

} // namespace klatch::net
