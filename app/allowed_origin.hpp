/// An origin whose pages may connect, as written in a setting.
#pragma once

#include <string>
#include <string_view>

namespace klatch::app {

/// `*`, or `scheme://host[:port]` spelled as a browser sends it (RFC 6454 section 6.2): lower case,
/// an IPv6 address in its shortest form, no port if it is the scheme's own. Throws
/// `config_error`; for `null` too, with the reason.
std::string parse_allowed_origin(std::string_view text);

} // namespace klatch::app
