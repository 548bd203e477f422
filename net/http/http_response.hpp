/// What is answered to a plain HTTP request.
#pragma once

#include "net/http/assets.hpp"
#include "net/http/http_types.hpp"

#include <boost/beast/http/status.hpp>

#include <optional>
#include <string_view>

namespace klatch::net {

/// A short text, for errors and `/healthz`. `request` decides on version, keep-alive and, for HEAD,
/// on the body.
http_response text_response(const http_request& request, boost::beast::http::status status,
                            std::string_view text);

/// For a request that could not be read: HTTP/1.1, the connection closes.
http_response text_response(boost::beast::http::status status, std::string_view text);

/// An answer, and the file that is its body.
struct http_answer {
  http_response head; ///< whole if there is no file
  std::optional<asset> file;
};

/// What a health check is told; pages of any site may read it.
http_response health_response(const http_request& request, boost::beast::http::status status,
                              std::string_view text);

/// The answer to a request for `path` that is no upgrade: the page's files, `/healthz`, or an
/// error.
http_answer respond(const http_request& request, std::string_view path, bool has_body,
                    const asset_source& assets);

} // namespace klatch::net
