/// Responses in their common form, and short texts.
#pragma once

#include "net/stream/http_types.hpp"

#include <boost/beast/http/status.hpp>

#include <string>
#include <string_view>

namespace klatch::net {

/// A response with the fields that all have. `request` decides on version, keep-alive and, for
/// HEAD, on the body.
http_response make_response(const http_request& request, boost::beast::http::status status,
                            std::string_view content_type, std::string body);

/// A short text, for errors and `/healthz`.
http_response text_response(const http_request& request, boost::beast::http::status status,
                            std::string_view text);

/// For a request that could not be read: HTTP/1.1, the connection closes.
http_response text_response(boost::beast::http::status status, std::string_view text);

/// The response as it is sent.
std::string to_bytes(const http_response& response);

} // namespace klatch::net
