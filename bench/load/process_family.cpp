#include "bench/load/process_family.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/process.hpp"

#include <fstream>
#include <limits>
#include <string>
#include <unistd.h>

namespace load {

namespace {

std::ifstream file_of(pid_t process, const std::string& name) {
  return std::ifstream{"/proc/" + std::to_string(process) + "/" + name};
}

/// Of children that have ended, and of theirs.
std::chrono::nanoseconds time_of_ended(pid_t process) {
  auto file = file_of(process, "stat");
  constexpr int before = 13; // fields between the name, which may have blanks, and the two
  file.ignore(std::numeric_limits<std::streamsize>::max(), ')');
  std::string skipped;
  for (int field = 0; field < before; ++field)
    file >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  file >> user >> system;
  return std::chrono::nanoseconds{std::chrono::seconds{user + system}} / sysconf(_SC_CLK_TCK);
}

/// Of a child that has ended meanwhile nothing: its parent counts it.
std::chrono::nanoseconds time_of(pid_t process) {
  try {
    return load::process{process}.cpu_time();
  } catch (const failure&) {
    return {};
  }
}

std::chrono::nanoseconds time_of_family(pid_t first) {
  auto result = time_of(first) + time_of_ended(first);
  auto children = file_of(first, "task/" + std::to_string(first) + "/children");
  for (pid_t child = 0; children >> child;)
    result += time_of_family(child);
  return result;
}

} // namespace

std::chrono::nanoseconds process_family::cpu_time() const {
  process{first_}; // Throws.
  return time_of_family(first_);
}

} // namespace load
