#include "net/http/http_request.hpp"

#include "net/stream/http_fields.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <array>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

using boost::beast::iequals;

constexpr auto none = std::string_view::npos;

/// The scheme of a target in absolute form, with its `://`; 0 for any other form.
std::size_t scheme_size(std::string_view target) {
  for (const std::string_view each : {"http://", "https://", "ws://", "wss://"})
    if (iequals(target.substr(0, each.size()), each))
      return each.size();
  return 0;
}

/// RFC 9112 section 3.2.2: the target's host goes before the Host field.
std::optional<request_target> absolute_form(std::string_view target, std::size_t scheme) {
  const auto rest = target.substr(scheme);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  auto host = parse_authority(rest.substr(0, end));
  if (!host)
    return std::nullopt;
  const auto path = rest.substr(end, rest.find('?', end) - end);
  return request_target{path.empty() ? "/" : path, std::move(host)};
}

} // namespace

std::optional<request_target> target_of(const http_request& request) {
  const auto hosts = request.count(http::field::host);
  const bool old = request.version() == 10;
  if ((!old && request.version() != 11) || hosts > 1 || (hosts == 0 && !old))
    return std::nullopt;
  const auto target = view(request.target());
  if (const auto scheme = scheme_size(target))
    return absolute_form(target, scheme);
  if (!target.starts_with('/') && !(target == "*" && request.method() == http::verb::options))
    return std::nullopt;
  request_target result{target.substr(0, target.find('?')), std::nullopt};
  if (const auto named = view(request[http::field::host]); !named.empty()) {
    result.host = parse_authority(named);
    if (!result.host)
      return std::nullopt;
  }
  return result;
}

std::optional<std::string_view> query_value(const http_request& request, std::string_view name) {
  const auto target = view(request.target());
  for (auto at = target.find('?'); at != none; at = target.find('&', at)) {
    ++at;
    const auto field = target.substr(at, target.find('&', at) - at);
    if (field.substr(0, field.find('=')) == name && field.size() > name.size())
      return field.substr(name.size() + 1);
  }
  return std::nullopt;
}

bool has_known_coding(const http_request& request) {
  return request.count(http::field::transfer_encoding) == 0 ||
         iequals(list_of(request, http::field::transfer_encoding), "chunked");
}

bool is_forwarded(const http_request& request) {
  static constexpr std::array<std::string_view, 4> fields{"X-Forwarded-For", "Forwarded",
                                                          "X-Real-IP", "Via"};
  return std::any_of(fields.begin(), fields.end(), [&](std::string_view each) {
    return request.count({each.data(), each.size()}) > 0;
  });
}

} // namespace klatch::net
