/// The way from http to https.
#pragma once

#include "net/http/http_request.hpp"
#include "net/stream/http_types.hpp"

#include <cstdint>

namespace klatch::net {

/// 308 to the same host, path and query by https at `port`; 400 to a request that names no host.
/// The connection closes.
http_response redirect_to_https(const http_request& request, const request_target& target,
                                std::uint16_t port);

} // namespace klatch::net
