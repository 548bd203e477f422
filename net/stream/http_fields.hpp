/// Fields of a request that are lists.
#pragma once

#include "net/stream/http_types.hpp"

#include <boost/beast/http/field.hpp>

#include <string>
#include <string_view>

namespace klatch::net {

/// All values of a list field, which may stand in several lines (RFC 9110 section 5.3).
std::string list_of(const http_request& request, boost::beast::http::field name);
std::string list_of(const http_request& request, std::string_view name);

/// Returns true if that list has `token`, in any case.
bool lists(const http_request& request, boost::beast::http::field name, std::string_view token);

} // namespace klatch::net
