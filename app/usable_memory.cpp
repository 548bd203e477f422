#include "app/usable_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <unistd.h>

namespace klatch::app {

namespace {

namespace fs = std::filesystem;

constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();

/// Returns the number in `file`; none if it says `max`, or is not there.
std::uint64_t limit_in(const fs::path& file) {
  std::uint64_t bytes = 0;
  std::ifstream in{file};
  return in >> bytes ? bytes : no_limit;
}

/// The least of the limits of `group`, a path from `mount`, and of all groups around it. Within a
/// container the path may be one that is seen outside only: then the container's own group stands
/// at `mount`.
std::uint64_t least_limit(const fs::path& mount, std::string_view group, const char* file) {
  auto least = limit_in(mount / file);
  fs::path here = mount;
  for (const auto& part : fs::path{group}.relative_path())
    least = std::min(least, limit_in((here /= part) / file));
  return least;
}

std::uint64_t group_limit(const fs::path& root) {
  auto least = no_limit;
  std::ifstream groups{root / "proc/self/cgroup"};
  for (std::string line; std::getline(groups, line);) { // NUMBER:CONTROLLERS:PATH
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    const auto controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
    const auto group = std::string_view{line}.substr(second + 1);
    if (controllers == ",,")
      least = std::min(least, least_limit(root / "sys/fs/cgroup", group, "memory.max"));
    else if (controllers.find(",memory,") != std::string::npos)
      least = std::min(least,
                       least_limit(root / "sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
  }
  return least;
}

std::uint64_t machine_memory() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0)
    return no_limit;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

} // namespace

std::uint64_t usable_memory(const fs::path& root) {
  return std::min(machine_memory(), group_limit(root));
}

std::size_t usual_buffer_bytes(std::uint64_t memory) noexcept {
  constexpr std::uint64_t part = 8;
  constexpr std::uint64_t least = 16UL * 1024 * 1024;
  return static_cast<std::size_t>(std::max(memory / part, least));
}

} // namespace klatch::app
