/// A connection that is no longer HTTP.
#pragma once

#include "net/stream/admission.hpp"
#include "net/stream/client_socket.hpp"
#include "net/stream/http_types.hpp"
#include "net/stream/session_host.hpp"

#include <string>

namespace klatch::net {

/// What an HTTP session hands to the one that takes its connection over.
struct upgraded {
  session_host& host;
  client_socket& socket; ///< open, with nothing to write; to be taken over before this returns
  admission slot;
  http_request request; ///< asks for the upgrade, rightly, and is not answered yet
  std::string early;    ///< what has come behind it
  std::string token;    ///< that it has brought, or empty
};

} // namespace klatch::net
