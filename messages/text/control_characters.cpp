#include "messages/text/control_characters.hpp"

namespace klatch {

bool has_control_character(std::string_view text) noexcept {
  // In UTF-8, C1 is 0xC2 followed by 0x80 to 0x9F.
  unsigned char before = 0;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7F || (before == 0xC2 && byte >= 0x80 && byte <= 0x9F))
      return true;
    before = byte;
  }
  return false;
}

} // namespace klatch
