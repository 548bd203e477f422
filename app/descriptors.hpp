/// The process's descriptors: the standard ones, and how many there may be.
#pragma once

#include <cstdint>

namespace klatch::app {

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed: the next file or socket
/// would get its number, and with it what is meant for a person. To be called before anything is
/// opened; false if it cannot be.
bool open_standard_descriptors() noexcept;

/// Raises the limit to what the system allows this process, and answers the limit now in force.
std::uint64_t raise_descriptor_limit() noexcept;

} // namespace klatch::app
