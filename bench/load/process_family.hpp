/// What several processes use together.
#pragma once

#include <chrono>
#include <sys/types.h>

namespace load {

/// A process and those that it has started, such as those of a PostgreSQL server.
class process_family {
public:
  explicit process_family(pid_t first) : first_(first) {}

  /// User and system time of all of them since they started: of those that have ended, too, once
  /// their parent knows it, in hundredths of a second. Throws `failure` once the first one is gone.
  std::chrono::nanoseconds cpu_time() const;

private:
  pid_t first_;
};

} // namespace load
