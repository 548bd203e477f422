/// What `--help` and `--version` print.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace klatch::app {

/// At most 80 columns wide; ends with a line end, as `version_line` does.
std::string help_text();

/// `klatch 0.1.0 (CAF 0.17.6, Boost 1.81)`
std::string version_line();

/// `version`, and the libraries that count, each with its version as `0.1.0`.
std::vector<std::pair<std::string, std::string>> versions();

} // namespace klatch::app
