#include "bench/load/descriptors.hpp"

#include "bench/load/failure.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <sys/resource.h>

namespace load {

void allow_descriptors(std::size_t connections) {
  constexpr rlim_t others = 32;
  const rlim_t needed = connections + others;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed)
    return;
  limit.rlim_cur = needed;
  limit.rlim_max = std::max(limit.rlim_max, needed);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw failure(std::to_string(connections) + " connections need a limit of " +
                  std::to_string(needed) + " open descriptors (ulimit -n)");
}

std::size_t source_addresses_for(std::size_t connections) {
  std::size_t low = 32768;
  std::size_t high = 60999;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> low >> high;
  // Some of the ports may be taken or linger from an earlier run.
  const auto usable = std::max<std::size_t>((high - low + 1) * 3 / 4, 1);
  return std::max<std::size_t>((connections + usable - 1) / usable, 1);
}

} // namespace load
