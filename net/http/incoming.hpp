/// A request as its handler sees it.
#pragma once

#include "net/http/http_request.hpp"
#include "net/http/origin_policy.hpp"
#include "net/stream/arrival.hpp"
#include "net/stream/http_types.hpp"

#include <optional>
#include <string_view>

namespace klatch::net {

/// Valid until the handler returns: one that answers later copies what it needs.
struct incoming {
  const http_request& header;
  const request_target& target;
  std::string_view body;
  const arrival& from;
};

/// What the origin policy judges; `origin` as the request or its sender names it.
inline provenance provenance_of(const incoming& asked, std::optional<std::string_view> origin) {
  return {origin, asked.target.host, asked.from.address.is_loopback(), is_forwarded(asked.header),
          asked.from.secure};
}

} // namespace klatch::net
