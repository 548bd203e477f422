#include "app/allowed_origin.hpp"

#include "app/config_error.hpp"
#include "net/http/origin.hpp"

namespace klatch::app {

std::string parse_allowed_origin(std::string_view text) {
  if (text == "*")
    return "*";
  const auto origin = net::parse_origin(text);
  if (origin)
    return net::to_string(*origin);
  if (const auto name = net::parse_authority(text); name && name->host == "null")
    throw config_error(
        in_quotes(text) +
        " is what browsers send for a file or a sandboxed page, whoever made it, so "
        "it names no site: serve the page from a site and allow that, or allow * for all");
  throw config_error(
      in_quotes(text) +
      " is not * or scheme://host[:port] without a path, such as https://www.example.com");
}

} // namespace klatch::app
