/// What the process uses of the machine.
#pragma once

#include <cstdint>

namespace klatch::app {

/// Of this process, as the system counts it. What cannot be read is 0.
struct process_usage {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;
  double started = 0; ///< seconds since 1970 UTC
};

process_usage usage_of_process();

} // namespace klatch::app
