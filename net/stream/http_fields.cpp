#include "net/stream/http_fields.hpp"

#include <boost/beast/http/rfc7230.hpp>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

template<class Range>
std::string joined(const Range& lines) {
  std::string all;
  for (auto each = lines.first; each != lines.second; ++each)
    all.append(all.empty() ? "" : ", ").append(view(each->value()));
  return all;
}

} // namespace

std::string list_of(const http_request& request, http::field name) {
  return joined(request.equal_range(name));
}

std::string list_of(const http_request& request, std::string_view name) {
  return joined(request.equal_range({name.data(), name.size()}));
}

bool lists(const http_request& request, http::field name, std::string_view token) {
  return http::token_list{list_of(request, name)}.exists({token.data(), token.size()});
}

} // namespace klatch::net
