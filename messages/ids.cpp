#include "messages/ids.hpp"

#include "messages/text/control_characters.hpp"

namespace klatch {

bool valid_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_id_bytes && !has_control_character(text);
}

} // namespace klatch
