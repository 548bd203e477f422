/// What an HTTP request holds, beyond what the parser has checked.
#pragma once

#include "net/http/origin.hpp"
#include "net/stream/http_types.hpp"

#include <optional>
#include <string_view>

namespace klatch::net {

/// Where a request goes (RFC 9112 section 3.2).
struct request_target {
  /// Without the query; starts with a slash, or is `*` (OPTIONS only). Refers to the request.
  std::string_view path;
  /// Of the target in absolute form, otherwise of the Host field; nothing if neither names one.
  std::optional<authority> host;
};

/// Returns nothing if the request names no path that is served here, or not exactly one proper
/// Host (none is needed in HTTP/1.0), or is of another version than 1.0 and 1.1.
std::optional<request_target> target_of(const http_request& request);

/// The value of a field of the target's query, as it is written; nothing if there is none.
std::optional<std::string_view> query_value(const http_request& request, std::string_view name);

/// Returns true if a body, if there is one, ends where `chunked` or a length says: any other
/// transfer coding is not understood here (RFC 9112 section 6.1).
bool has_known_coding(const http_request& request);

/// Returns true if a proxy says that it has passed the request on.
bool is_forwarded(const http_request& request);

} // namespace klatch::net
