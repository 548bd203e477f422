/// A setting that cannot be taken.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace klatch::app {

/// `what()` is part of one sentence, without a line end: the caller that knows the source of the
/// value puts that before it.
class config_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// `text` in double quotes, fit for one line of a terminal: control characters become `?`.
std::string in_quotes(std::string_view text);

} // namespace klatch::app
