#include "app/descriptors.hpp"

#include <cerrno>
#include <fcntl.h>
#include <initializer_list>
#include <sys/resource.h>
#include <unistd.h>

namespace klatch::app {

// The lowest number that is free is given, so that each of them gets its own. Not closed in a
// program that is executed, as those that are inherited are not.
bool open_standard_descriptors() noexcept {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(number, F_GETFD) < 0 && errno == EBADF &&
        open("/dev/null", O_RDWR) != number) // NOLINT(android-cloexec-open)
      return false;
  return true;
}

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

} // namespace klatch::app
