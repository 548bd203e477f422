/// What server and load program used between two moments.
#pragma once

#include "bench/load/process.hpp"
#include "bench/load/process_family.hpp"
#include "bench/load/swarm.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace load {

/// Processes beside the server: other nodes, their database, their bus. By names, each of which
/// stands for one or more of them together.
using helpers = std::map<std::string, std::vector<process_family>>;

/// What has been used and done up to a moment.
struct reading {
  swarm::clock::time_point time;
  std::chrono::nanoseconds server;
  std::uint64_t read_from_disk; ///< by the server, in bytes
  own_time own;
  std::uint64_t done; ///< messages, or whatever is counted
  std::map<std::string, std::chrono::nanoseconds> beside;

  static reading now(const process& server, std::uint64_t done, const helpers& beside = {});
};

/// From this share of the time on that the load program ran or waited for a core, the figures may
/// be its own.
inline constexpr double bottleneck_share = 0.95;

using seconds = std::chrono::duration<double>;

/// How long a scenario runs before it is measured, and while it is.
struct time_options {
  seconds warm_up{};
  seconds duration{};
};

/// `what`: how what is counted is called, such as `delivered`. Of each of the helpers there are
/// `NAME_cpu_us_per_message` and `NAME_cores`. Throws `failure` where nothing was done.
nlohmann::ordered_json difference(const reading& from, const reading& to, const std::string& what);

/// Returns how many messages, or whatever is counted, are done by now.
using counter = std::function<std::uint64_t()>;

/// The difference that `run` makes.
nlohmann::ordered_json usage_of(const std::function<void()>& run, const process& server,
                                const std::string& what, const counter& done,
                                const helpers& beside = {});

/// Serves the clients for the warm-up and for the measured time: the difference that the latter
/// makes.
nlohmann::ordered_json usage_in(const time_options& times, swarm& clients, const process& server,
                                const std::string& what, const counter& done,
                                const helpers& beside = {});

} // namespace load
