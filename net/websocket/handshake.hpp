/// The server's part of the opening handshake (RFC 6455 section 4.2).
#pragma once

#include "net/stream/cork.hpp"
#include "net/stream/http_types.hpp"

#include <boost/system/error_code.hpp>

#include <optional>
#include <string_view>

namespace klatch::net {

/// Returns true if a request asks to become a WebSocket (section 4.2.1), rightly or not.
bool is_upgrade(const http_request& request);

/// The answer to a request for an upgrade that breaks a rule of section 4.2.1; nothing if it keeps
/// them.
std::optional<http_response> refuse_upgrade(const http_request& upgrade);

/// The answer to what was a request for an upgrade until a proxy took that out of it; nothing for
/// any other.
std::optional<http_response> refuse_stripped_upgrade(const http_request& request);

/// The first of the offered subprotocols that is spoken here; empty if there is none. It names a
/// dialect, and the registration decides: it has no effect but in the answer.
std::string_view agreed_subprotocol(const http_request& upgrade);

/// Appends the answer to an upgrade that is not refused: 101.
boost::system::error_code answer_upgrade(const http_request& upgrade, cork& way_out);

} // namespace klatch::net
