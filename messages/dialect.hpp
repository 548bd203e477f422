/// The two dialects of the protocol.
#pragma once

#include <cstdint>

namespace klatch {

/// What a connection speaks: the frames of 2015 to the letter, or all of the protocol. Its
/// registration chooses.
enum class dialect : std::uint8_t { plain, extended };

} // namespace klatch
