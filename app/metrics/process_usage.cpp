#include "app/metrics/process_usage.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace klatch::app {

namespace {

/// Newer systems say how many there are; on others they are counted.
std::uint64_t count_descriptors() {
  struct stat folder {};
  if (stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0)
    return static_cast<std::uint64_t>(folder.st_size);
  std::error_code error;
  const std::filesystem::directory_iterator all{"/proc/self/fd", error};
  if (error)
    return 0;
  return static_cast<std::uint64_t>(std::distance(begin(all), end(all))) - 1; // Its own.
}

std::uint64_t resident_bytes() {
  std::ifstream input{"/proc/self/statm"};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  input >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double processor_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

/// The field `starttime` of proc(5), in ticks since the machine was started.
double start_ticks() {
  std::ifstream input{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{input}, {}};
  text.erase(0, text.rfind(')') + 1); // A program's name may hold anything.
  constexpr int fields_before = 19;
  std::size_t at = 0;
  for (int field = 0; field <= fields_before && at != std::string::npos; ++field)
    at = text.find(' ', at + (field > 0 ? 1 : 0));
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at, nullptr);
}

/// As `btime` of proc(5) has it; /proc/stat is hidden from a service that systemd shows only
/// processes (ProcSubset=pid).
double machine_start() { return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME); }

double process_start() {
  return machine_start() + start_ticks() / static_cast<double>(sysconf(_SC_CLK_TCK));
}

} // namespace

process_usage usage_of_process() {
  static const double started = process_start();
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return {processor_seconds(), resident_bytes(), count_descriptors(), limit.rlim_cur, started};
}

} // namespace klatch::app
