#include "net/stream/text_response.hpp"

#include "net/stream/http_fields.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/http/write.hpp>

#include <sstream>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

/// The page runs its own scripts and styles, talks to its own service, and is shown in no frame.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// RFC 9112 section 9.3.
bool keeps_alive(const http_request& request) {
  if (request.version() != 11)
    return lists(request, http::field::connection, "keep-alive");
  return !lists(request, http::field::connection, "close");
}

} // namespace

http_response make_response(const http_request& request, http::status status,
                            std::string_view content_type, std::string body) {
  http_response answer{status, request.version()};
  answer.keep_alive(keeps_alive(request));
  answer.set(http::field::server, "klatch");
  answer.set("X-Content-Type-Options", "nosniff");
  answer.set("Content-Security-Policy", content_security_policy);
  answer.set("Referrer-Policy", "no-referrer");
  if (status != http::status::not_modified) {
    answer.set(http::field::content_type, content_type);
    answer.content_length(body.size());
  }
  if (request.method() != http::verb::head)
    answer.body() = std::move(body);
  return answer;
}

http_response text_response(const http_request& request, http::status status,
                            std::string_view text) {
  auto answer =
      make_response(request, status, "text/plain; charset=utf-8", std::string{text} + '\n');
  answer.set(http::field::cache_control, "no-store");
  return answer;
}

http_response text_response(http::status status, std::string_view text) {
  http_request unread;
  unread.version(11);
  unread.set(http::field::connection, "close");
  return text_response(unread, status, text);
}

std::string to_bytes(const http_response& response) {
  std::ostringstream bytes;
  bytes << response;
  return bytes.str();
}

} // namespace klatch::net
