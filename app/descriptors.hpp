/// The process's limit on open files.
#pragma once

#include <cstdint>

namespace klatch::app {

/// Raises the limit to what the system allows this process, and answers the limit now in force.
std::uint64_t raise_descriptor_limit() noexcept;

} // namespace klatch::app
