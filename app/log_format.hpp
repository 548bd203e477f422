/// How lines of the log are written.
#pragma once

#include <cstdint>

namespace klatch::app {

/// `text`: for people; `json`: an object a line.
enum class log_format : std::uint8_t { text, json };

} // namespace klatch::app
