#include "bench/load/process.hpp"

#include "bench/load/failure.hpp"

#include <fstream>
#include <string>
#include <unistd.h>

namespace load {

namespace {

std::chrono::nanoseconds clock_value(clockid_t which) {
  timespec value{};
  if (clock_gettime(which, &value) != 0)
    throw failure("the server's process is gone");
  return std::chrono::seconds(value.tv_sec) + std::chrono::nanoseconds(value.tv_nsec);
}

} // namespace

process::process(pid_t id) : id_(id) {
  if (id <= 0 || clock_getcpuclockid(id, &clock_) != 0)
    throw failure("there is no process " + std::to_string(id));
}

memory_use process::memory() const {
  std::ifstream file("/proc/" + std::to_string(id_) + "/smaps_rollup");
  memory_use result{-1, -1};
  for (std::string word; file >> word;) {
    if (word == "Rss:")
      file >> result.rss;
    else if (word == "Pss:")
      file >> result.pss;
  }
  if (result.rss < 0 || result.pss < 0)
    throw failure("the memory of process " + std::to_string(id_) + " cannot be read");
  return result;
}

std::int64_t process::resident() const {
  std::ifstream file("/proc/" + std::to_string(id_) + "/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  if (!(file >> size >> resident))
    throw failure("the memory of process " + std::to_string(id_) + " cannot be read");
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

std::chrono::nanoseconds process::cpu_time() const { return clock_value(clock_); }

std::uint64_t process::read_from_disk() const {
  std::ifstream file("/proc/" + std::to_string(id_) + "/io");
  std::uint64_t result = 0;
  for (std::string word; file >> word;)
    if (word == "read_bytes:")
      file >> result;
  return result;
}

own_time own_thread_time() {
  std::int64_t ran = 0;
  std::int64_t waited = 0;
  std::ifstream("/proc/thread-self/schedstat") >> ran >> waited;
  return {clock_value(CLOCK_THREAD_CPUTIME_ID), std::chrono::nanoseconds(waited)};
}

} // namespace load
