/// What those who run the service ask it.
#pragma once

#include "net/http/origin_policy.hpp"
#include "net/http/router.hpp"
#include "net/stream/admission.hpp"

#include <memory>
#include <string_view>

namespace klatch::net {

/// Why a client whose address has too many WebSockets gets no other.
inline constexpr std::string_view no_websocket_slot =
    "This address has all the WebSockets that it may have.";

/// `/healthz`: ok; asked with an `origin`, the answer that a WebSocket of a page of that origin
/// would get now, which a browser keeps from the page. `origins` outlives it.
route health_route(const origin_policies& origins, std::shared_ptr<admission_control> control);

} // namespace klatch::net
