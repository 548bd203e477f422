/// How a fuzz target says that a property does not hold.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace klatch::fuzz {

/// Ends the program where `holds` is false, so that libFuzzer keeps the input.
inline void require(bool holds, const char* property) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

} // namespace klatch::fuzz
