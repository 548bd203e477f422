#include "net/stream/http_fields.hpp"

#include <boost/beast/http/rfc7230.hpp>

namespace klatch::net {

namespace http = boost::beast::http;

std::string list_of(const http_request& request, http::field name) {
  std::string all;
  const auto [first, last] = request.equal_range(name);
  for (auto each = first; each != last; ++each)
    all.append(all.empty() ? "" : ", ").append(view(each->value()));
  return all;
}

bool lists(const http_request& request, http::field name, std::string_view token) {
  return http::token_list{list_of(request, name)}.exists({token.data(), token.size()});
}

} // namespace klatch::net
