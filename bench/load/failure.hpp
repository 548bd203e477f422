/// What ends a run early.
#pragma once

#include <stdexcept>

namespace load {

/// A check that did not hold or a system call that failed: one sentence for people. The run has no
/// result.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace load
