#include "app/config_error.hpp"

#include <algorithm>

namespace klatch::app {

std::string in_quotes(std::string_view text) {
  std::string result{'"'};
  result += text;
  result += '"';
  const auto control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; };
  std::replace_if(result.begin(), result.end(), control, '?');
  return result;
}

} // namespace klatch::app
