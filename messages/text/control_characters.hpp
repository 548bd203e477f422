/// Which characters are for machines only.
#pragma once

#include <string_view>

namespace klatch {

/// Returns true if `text` holds a C0 control, DEL or a C1 control. Takes any bytes; exact for valid
/// UTF-8.
bool has_control_character(std::string_view text) noexcept;

} // namespace klatch
