#include "net/websocket/handshake.hpp"

#include "net/stream/cork_stream.hpp"
#include "net/stream/http_fields.hpp"
#include "net/stream/text_response.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>

namespace klatch::net {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

/// 16 bytes of base64.
bool is_key(std::string_view text) {
  constexpr std::size_t letters = 22;
  return text.size() == letters + 2 && text.ends_with("==") &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == letters;
}

http_response bad_request(const http_request& request, std::string_view text) {
  auto answer = text_response(request, http::status::bad_request, text);
  answer.keep_alive(false);
  return answer;
}

/// RFC 9110 section 15.5.22: it names what to upgrade to.
http_response upgrade_required(const http_request& request, std::string_view text) {
  auto answer = text_response(request, http::status::upgrade_required, text);
  answer.set(http::field::upgrade, "websocket");
  answer.set(http::field::connection, "Upgrade, close");
  answer.set(http::field::sec_websocket_version, "13");
  return answer;
}

} // namespace

bool is_upgrade(const http_request& request) {
  return request.version() == 11 && request.method() == http::verb::get &&
         lists(request, http::field::connection, "upgrade") &&
         lists(request, http::field::upgrade, "websocket");
}

std::optional<http_response> refuse_upgrade(const http_request& upgrade) {
  const auto key = upgrade[http::field::sec_websocket_key];
  if (upgrade.count(http::field::sec_websocket_key) != 1 || !is_key({key.data(), key.size()}))
    return bad_request(upgrade, "A WebSocket request needs one Sec-WebSocket-Key, of 16 bytes in "
                                "base64.");
  if (upgrade.count(http::field::sec_websocket_version) == 0)
    return bad_request(upgrade, "A WebSocket request needs a Sec-WebSocket-Version: 13.");
  if (list_of(upgrade, http::field::sec_websocket_version) != "13")
    return upgrade_required(upgrade, "Only version 13 of the WebSocket protocol is spoken here.");
  return std::nullopt;
}

std::optional<http_response> refuse_stripped_upgrade(const http_request& request) {
  if (request.method() != http::verb::get || request.count(http::field::sec_websocket_key) == 0 ||
      is_upgrade(request))
    return std::nullopt;
  return upgrade_required(
      request,
      "This was a WebSocket request, and has come without its upgrade: the proxy in front has to "
      "speak HTTP/1.1 to this service and to pass on the fields Upgrade and Connection (nginx: "
      "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header "
      "Connection \"upgrade\";).");
}

std::string_view agreed_subprotocol(const http_request& upgrade) {
  static constexpr std::array<std::string_view, 2> spoken{"klatch.v1", "klatch.v2"};
  const auto offered = list_of(upgrade, http::field::sec_websocket_protocol);
  for (const auto each : http::token_list{offered}) {
    const auto* const found =
        std::find(spoken.begin(), spoken.end(), std::string_view{each.data(), each.size()});
    if (found != spoken.end())
      return *found;
  }
  return {};
}

// Beast does the handshake and is gone after it: its stream would hold 2.5 KiB a connection.
boost::system::error_code answer_upgrade(const http_request& upgrade, cork& way_out) {
  // Beast looks at the first line of a list only.
  http::request<http::empty_body> request{upgrade};
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::upgrade, "websocket");
  request.erase(http::field::expect);
  websocket::stream<cork_stream, false> stream{cork_stream{way_out}};
  stream.set_option(websocket::stream_base::decorator([&upgrade](websocket::response_type& answer) {
    answer.set(http::field::server, "klatch");
    if (const auto agreed = agreed_subprotocol(upgrade); !agreed.empty())
      answer.set(http::field::sec_websocket_protocol, {agreed.data(), agreed.size()});
  }));
  boost::system::error_code error;
  stream.accept(request, error);
  return error;
}

} // namespace klatch::net
