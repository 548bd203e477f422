#include "net/http/http_response.hpp"

#include "net/http/http_request.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <string>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

/// The page runs its own scripts and styles, talks to its own service, and is shown in no frame.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view methods = "GET, HEAD, OPTIONS";

/// RFC 9112 section 9.3.
bool keeps_alive(const http_request& request) {
  if (request.version() != 11)
    return lists(request, http::field::connection, "keep-alive");
  return !lists(request, http::field::connection, "close");
}

http_response make(const http_request& request, http::status status, std::string_view content_type,
                   std::string body) {
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

/// RFC 9110 section 13.1.2, weak comparison.
bool matches(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match == "*")
    return true;
  for (std::size_t at = if_none_match.find(etag); at != std::string_view::npos;
       at = if_none_match.find(etag, at + 1)) {
    const auto end = at + etag.size();
    const auto opens = at == 0 || if_none_match[at - 1] == ' ' || if_none_match[at - 1] == ',' ||
                       if_none_match[at - 1] == '/';
    if (opens &&
        (end == if_none_match.size() || if_none_match[end] == ' ' || if_none_match[end] == ','))
      return true;
  }
  return false;
}

http_answer file_response(const http_request& request, asset file) {
  if (!file.available) {
    auto answer = text_response(request, http::status::service_unavailable,
                                "This cannot be read now: try again later.");
    answer.set(http::field::retry_after, "10"); // seconds
    return {std::move(answer), std::nullopt};
  }
  const auto known = list_of(request, http::field::if_none_match);
  const bool fresh = !known.empty() && matches(known, file.etag);
  auto answer =
      make(request, fresh ? http::status::not_modified : http::status::ok, file.content_type, {});
  answer.set(http::field::etag, file.etag);
  answer.set(http::field::cache_control, "no-cache");
  if (fresh)
    return {std::move(answer), std::nullopt};
  answer.content_length(file.size);
  if (request.method() == http::verb::head || file.size == 0)
    return {std::move(answer), std::nullopt};
  return {std::move(answer), std::move(file)};
}

/// What a health check may ask for (HAProxy's does).
http_response options_response(const http_request& request, bool has_body) {
  auto answer = make(request, http::status::no_content, {}, {});
  answer.erase(http::field::content_type);
  answer.erase(http::field::content_length);
  answer.set(http::field::allow, methods);
  answer.keep_alive(!has_body && answer.keep_alive());
  return answer;
}

} // namespace

http_response text_response(const http_request& request, http::status status,
                            std::string_view text) {
  auto answer = make(request, status, "text/plain; charset=utf-8", std::string{text} + '\n');
  answer.set(http::field::cache_control, "no-store");
  return answer;
}

http_response text_response(http::status status, std::string_view text) {
  http_request unread;
  unread.version(11);
  unread.keep_alive(false);
  return text_response(unread, status, text);
}

http_response health_response(const http_request& request, http::status status,
                              std::string_view text) {
  auto answer = text_response(request, status, text);
  answer.set(http::field::access_control_allow_origin, "*");
  return answer;
}

http_answer respond(const http_request& request, std::string_view path, bool has_body,
                    const asset_source& assets) {
  const auto method = request.method();
  if (method == http::verb::options)
    return {options_response(request, has_body), std::nullopt};
  if (method != http::verb::get && method != http::verb::head) {
    auto answer = text_response(request, http::status::method_not_allowed,
                                "Only GET, HEAD and OPTIONS are answered here.");
    answer.set(http::field::allow, methods);
    answer.keep_alive(!has_body && answer.keep_alive());
    return {std::move(answer), std::nullopt};
  }
  if (has_body) {
    auto answer =
        text_response(request, http::status::bad_request, "A GET request has no body here.");
    answer.keep_alive(false);
    return {std::move(answer), std::nullopt};
  }
  if (path == "/healthz")
    return {health_response(request, http::status::ok, "ok"), std::nullopt};
  if (auto file = assets.find(path))
    return file_response(request, *std::move(file));
  return {text_response(request, http::status::not_found, "There is nothing at this address."),
          std::nullopt};
}

} // namespace klatch::net
