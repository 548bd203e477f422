#include "net/http/operator_routes.hpp"

#include "net/http/refusal_log.hpp"
#include "net/stream/text_response.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>

#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

/// Pages of any site may read it.
http_response health_response(const http_request& request, http::status status,
                              std::string_view text) {
  auto answer = text_response(request, status, text);
  answer.set(http::field::access_control_allow_origin, "*");
  return answer;
}

} // namespace

route health_route(const origin_policies& origins, std::shared_ptr<admission_control> control) {
  auto answer = [&origins, control = std::move(control)](const incoming& asked, const reply& to) {
    const auto origin = query_value(asked.header, "origin");
    if (asked.header.method() != http::verb::get || !origin)
      return to.send(health_response(asked.header, http::status::ok, "ok"));
    const auto page = provenance_of(asked, origin);
    if (!origins.here().admits(page))
      return to.send(
          health_response(asked.header, http::status::forbidden, why_origin_refused(page)));
    at_control(control, [to, header = asked.header,
                         address = asked.from.address](const admission_control& there) {
      to.send(there.websockets.has_room(address)
                  ? health_response(header, http::status::ok, "ok")
                  : health_response(header, http::status::too_many_requests, no_websocket_slot));
    });
  };
  return {.method = http::verb::get, .path = "/healthz", .handle = std::move(answer)};
}

} // namespace klatch::net
