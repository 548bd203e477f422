#include "net/http/https_redirect.hpp"

#include "net/stream/text_response.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>

#include <string>
#include <string_view>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

constexpr std::uint16_t https_port = 443;

/// What of the target, which may have an absolute form, comes behind `path`.
std::string_view query_of(const http_request& request) {
  const auto whole = view(request.target());
  const auto at = whole.find('?');
  return at == std::string_view::npos ? std::string_view{} : whole.substr(at);
}

} // namespace

http_response redirect_to_https(const http_request& request, const request_target& target,
                                std::uint16_t port) {
  auto answer =
      target.host && target.path.starts_with('/')
          ? text_response(request, http::status::permanent_redirect, "Ask for it by https.")
          : text_response(request, http::status::bad_request,
                          "This service is to be asked by https.");
  answer.keep_alive(false);
  if (answer.result() != http::status::permanent_redirect)
    return answer;
  const auto at_port = port == https_port ? std::string{} : ':' + std::to_string(port);
  answer.set(http::field::location, "https://" + target.host->host + at_port +
                                        std::string{target.path} + std::string{query_of(request)});
  return answer;
}

} // namespace klatch::net
