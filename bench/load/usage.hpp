/// What server and load program used between two moments.
#pragma once

#include "bench/load/process.hpp"
#include "bench/load/swarm.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace load {

/// What has been used and done up to a moment.
struct reading {
  swarm::clock::time_point time;
  std::chrono::nanoseconds server;
  std::uint64_t read_from_disk; ///< by the server, in bytes
  own_time own;
  std::uint64_t done; ///< messages, or whatever is counted

  static reading now(const process& server, std::uint64_t done);
};

/// From this share of the time on that the load program ran or waited for a core, the figures may
/// be its own.
inline constexpr double bottleneck_share = 0.95;

/// `what`: how what is counted is called, such as `delivered`. Throws `failure` where nothing was
/// done.
nlohmann::ordered_json difference(const reading& from, const reading& to, const std::string& what);

} // namespace load
