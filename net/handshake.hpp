/// The server's part of the opening handshake (RFC 6455 section 4.2.2).
#pragma once

#include "net/cork.hpp"
#include "net/http_types.hpp"

#include <boost/system/error_code.hpp>

namespace klatch::net {

/// Appends the answer to an upgrade: 101, or 400 with the reason where the error says so.
boost::system::error_code answer_upgrade(const http_request& upgrade, cork& way_out);

} // namespace klatch::net
