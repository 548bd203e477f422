#include "net/http/site.hpp"

#include "net/stream/http_fields.hpp"
#include "net/stream/text_response.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>

#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

/// RFC 9110 section 13.1.2, weak comparison.
bool matches_tag(std::string_view if_none_match, std::string_view etag) {
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

http_answer file_answer(const http_request& request, asset file) {
  if (!file.available) {
    auto answer = text_response(request, http::status::service_unavailable,
                                "This cannot be read now: try again later.");
    answer.set(http::field::retry_after, "10"); // seconds
    return answer;
  }
  const auto known = list_of(request, http::field::if_none_match);
  const bool fresh = !known.empty() && matches_tag(known, file.etag);
  auto answer = make_response(request, fresh ? http::status::not_modified : http::status::ok,
                              file.content_type, {});
  answer.set(http::field::etag, file.etag);
  answer.set(http::field::cache_control, "no-cache");
  if (fresh)
    return answer;
  answer.content_length(file.size);
  if (request.method() == http::verb::head || file.size == 0)
    return answer;
  return {std::move(answer), std::move(file)};
}

} // namespace

route site_route(const asset_source& assets) {
  const auto answer = [&assets](const incoming& asked, const reply& to) {
    if (auto file = assets.find(asked.target.path))
      return to.send(file_answer(asked.header, *std::move(file)));
    to.send(
        text_response(asked.header, http::status::not_found, "There is nothing at this address."));
  };
  return {.method = http::verb::get, .path = "/*", .handle = answer};
}

} // namespace klatch::net
