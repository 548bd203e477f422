/// The HTTP messages of this layer.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string_view>

namespace klatch::net {

/// A request without its body.
using http_request = boost::beast::http::request_header<>;
using http_response = boost::beast::http::response<boost::beast::http::string_body>;

inline std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

} // namespace klatch::net
