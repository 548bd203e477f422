#include "net/http/router.hpp"

#include "net/stream/text_response.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

bool matches(const route& row, std::string_view path) {
  const std::string_view wanted{row.path};
  return wanted.ends_with('*') ? path.starts_with(wanted.substr(0, wanted.size() - 1))
                               : path == wanted;
}

bool answers(const route& row, http::verb method) {
  return row.method == method || (row.method == http::verb::get && method == http::verb::head);
}

/// Returns true if the sender of `request` may ask it.
bool admits(auth_policy policy, const http_request& /*request*/) {
  switch (policy) {
  case auth_policy::none:
    return true;
  }
  return false;
}

std::string joined(const std::vector<std::string_view>& words, std::string_view last_separator) {
  std::string result;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (index > 0)
      result.append(index + 1 == words.size() ? last_separator : ", ");
    result.append(words[index]);
  }
  return result;
}

/// The connection ends if a body follows, which nobody reads.
http_response ends_with_body(http_response answer, bool has_body) {
  answer.keep_alive(!has_body && answer.keep_alive());
  return answer;
}

/// What a health check may ask for (HAProxy's does).
http_response options_response(const http_request& request,
                               const std::vector<std::string_view>& methods) {
  auto answer = make_response(request, http::status::no_content, {}, {});
  answer.erase(http::field::content_type);
  answer.erase(http::field::content_length);
  answer.set(http::field::allow, joined(methods, ", "));
  return answer;
}

/// `methods`: those that the path has, with OPTIONS, which all have.
http_response no_row_response(const http_request& request,
                              const std::vector<std::string_view>& methods) {
  if (methods.size() == 1)
    return text_response(request, http::status::not_found, "There is nothing at this address.");
  auto answer = text_response(request, http::status::method_not_allowed,
                              "Only " + joined(methods, " and ") + " are answered here.");
  answer.set(http::field::allow, joined(methods, ", "));
  return answer;
}

http_response get_with_body(const http_request& request) {
  return ends_with_body(
      text_response(request, http::status::bad_request, "A GET request has no body here."), true);
}

} // namespace

http_response body_too_large(const http_request& request) {
  return ends_with_body(text_response(request, http::status::payload_too_large,
                                      "The request's body is larger than may come here."),
                        true);
}

/// `*` is the service as a whole (RFC 9110 section 9.3.7).
std::vector<std::string_view> router::methods_at(std::string_view path) const {
  std::vector<std::string_view> methods;
  const auto add = [&](std::string_view name) {
    if (std::find(methods.begin(), methods.end(), name) == methods.end())
      methods.push_back(name);
  };
  const auto is_there = [&](const route& row) { return path == "*" || matches(row, path); };
  if (std::any_of(rows_.begin(), rows_.end(),
                  [&](const route& row) { return row.method == http::verb::get && is_there(row); }))
    methods = {"GET", "HEAD"};
  add("OPTIONS");
  for (const auto& row : rows_)
    if (is_there(row))
      add(view(http::to_string(row.method)));
  return methods;
}

std::variant<const route*, http_response>
router::match(const http_request& request, std::string_view path, body_size body) const {
  const auto method = request.method();
  if (method == http::verb::options)
    return ends_with_body(options_response(request, methods_at(path)), !body.none);
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const route& row) {
    return answers(row, method) && matches(row, path);
  });
  if (found == rows_.end())
    return ends_with_body(no_row_response(request, methods_at(path)), !body.none);
  if (!admits(found->auth, request))
    return ends_with_body(
        text_response(request, http::status::unauthorized, "This is not for everybody."),
        !body.none);
  if (!body.none && found->body_limit == 0 && found->method == http::verb::get)
    return get_with_body(request);
  if (!body.none && (found->body_limit == 0 || body.known > found->body_limit))
    return body_too_large(request);
  return &*found;
}

} // namespace klatch::net
