/// What a notice says about a user who left.
#pragma once

#include <cstdint>

namespace klatch {

/// `name`: `mks disconnected`; `ip`: the address instead, as the original server wrote it; `off`:
/// no notices.
enum class departure_notices : std::uint8_t { name, ip, off };

} // namespace klatch
