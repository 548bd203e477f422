/// What ends a run early.
#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace load {

/// A check that did not hold or a system call that failed: one sentence for people. The run has no
/// result.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a system call that has just failed says.
inline failure system_failure(const std::string& what, int error = errno) {
  return failure{what + ": " + std::strerror(error)};
}

} // namespace load
