/// The token that a request for a WebSocket brings with it.
#pragma once

#include "net/stream/http_types.hpp"

#include <string>

namespace klatch::net {

/// The cookie that a site may set for a page that knows nothing of tokens.
inline constexpr std::string_view token_cookie = "klatch_token";

/// Returns the token of `Authorization: Bearer` (RFC 6750 section 2.1), or else of the cookie, if
/// `cookie_counts`: a page that a browser has open on another site must not ride on it. Empty:
/// there is none, or there are several of one kind.
std::string token_of_upgrade(const http_request& request, bool cookie_counts);

} // namespace klatch::net
