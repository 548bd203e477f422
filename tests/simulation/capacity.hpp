/// What a crowd costs: actors, registrations, messages, without sockets or a disk.
#pragma once

#include <cstdint>

namespace klatch::simulation {

struct capacity_options {
  std::uint64_t users = 1'000'000;
  std::uint64_t rate = 20'000; ///< messages a second
  double hours = 1;            ///< of virtual time
  std::uint64_t room = 1'000;  ///< users of a project
  std::uint64_t devices = 1;   ///< connections of each user
};

/// Measures and prints. Returns an exit status.
int measure_capacity(const capacity_options& asked);

} // namespace klatch::simulation
