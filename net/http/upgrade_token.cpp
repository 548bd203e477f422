#include "net/http/upgrade_token.hpp"

#include "net/stream/http_fields.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include <string_view>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view bearer = "Bearer ";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string bearer_token(const http_request& request) {
  if (request.count(http::field::authorization) != 1)
    return {};
  const auto value = view(request[http::field::authorization]);
  if (!boost::beast::iequals(value.substr(0, bearer.size()), bearer))
    return {};
  return std::string{trimmed(value.substr(bearer.size()))};
}

/// RFC 6265 section 4.2. Of a name that is there twice nobody knows which is whose.
std::string cookie_named(std::string_view name, const http_request& request) {
  std::string found;
  bool twice = false;
  const auto fields = request.equal_range(http::field::cookie);
  for (auto field = fields.first; field != fields.second; ++field) {
    auto rest = view(field->value());
    while (!rest.empty()) {
      const auto end = std::min(rest.find(';'), rest.size());
      const auto pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.substr(0, pair.find('=')) != name || pair.size() <= name.size())
        continue;
      twice = twice || !found.empty();
      found = trimmed(pair.substr(name.size() + 1));
    }
  }
  return twice ? std::string{} : found;
}

} // namespace

std::string token_of_upgrade(const http_request& request, bool cookie_counts) {
  auto token = bearer_token(request);
  return token.empty() && cookie_counts ? cookie_named(token_cookie, request) : token;
}

} // namespace klatch::net
