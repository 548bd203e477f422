/// How much memory there is for the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace klatch::app {

/// Returns the machine's memory, or less if a control group of the process, or one around it, may
/// use less (cgroups version 2, and version 1 where the memory controller is one), in bytes. `root`
/// stands for `/`.
std::uint64_t usable_memory(const std::filesystem::path& root = "/");

/// What the buffers of all connections may hold of `memory`: an eighth, and 16 MiB at least.
std::size_t usual_buffer_bytes(std::uint64_t memory) noexcept;

} // namespace klatch::app
