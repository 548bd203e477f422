/// What a process uses, as the kernel counts it.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <sys/types.h>

namespace load {

/// Resident memory, in KiB. Pages that processes share count whole in `rss`, by their share in
/// `pss`.
struct memory_use {
  std::int64_t rss;
  std::int64_t pss;
};

/// Another process, by its id. Every member throws `failure` once it is gone.
class process {
public:
  explicit process(pid_t id);

  /// From smaps_rollup. Memory that the kernel holds for sockets is not in it.
  memory_use memory() const;

  /// Resident memory in KiB, as statm has it: for a look in between, since it costs next to nothing
  /// and may be off by some pages.
  std::int64_t resident() const;

  /// User and system time of all its threads since it started, those that have ended included.
  std::chrono::nanoseconds cpu_time() const;

  /// Bytes that the system has fetched from a disk for it; 0 if the kernel does not count them.
  std::uint64_t read_from_disk() const;

private:
  pid_t id_;
  clockid_t clock_{};
};

/// What this thread has had and wanted of the processor.
struct own_time {
  std::chrono::nanoseconds ran;
  std::chrono::nanoseconds
      waited; ///< ready to run while all cores were taken; 0 if the kernel does not count it
};

own_time own_thread_time();

} // namespace load
