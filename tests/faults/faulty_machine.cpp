#include "tests/faults/faulty_machine.hpp"

#include "tests/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace klatch::faults {

faulty_machine::faulty_machine() {
  // The name of what is preloaded must not have a space in it, and the checkout's may.
  const auto shim = folder_ / "shim.so";
  fs::create_symlink(KLATCH_FAULTS_SHIM, shim);
  ::setenv("FAULTS_FOLDER", folder_.path().c_str(), 1); // NOLINT(concurrency-mt-unsafe)
  ::setenv("LD_PRELOAD", shim.c_str(), 1);              // NOLINT(concurrency-mt-unsafe)
}

faulty_machine::~faulty_machine() {
  ::unsetenv("LD_PRELOAD");    // NOLINT(concurrency-mt-unsafe)
  ::unsetenv("FAULTS_FOLDER"); // NOLINT(concurrency-mt-unsafe)
}

bool faulty_machine::is_possible() {
  const auto* chosen = std::getenv("KLATCH_BIN");
  const auto binary = bytes_of(chosen != nullptr ? chosen : KLATCH_BIN_DEFAULT);
  for (const auto* sanitizer : {"__asan_init", "__tsan_init"}) {
    if (binary.find(sanitizer) == std::string::npos)
      continue;
    std::cout << "skipped: the server has " << sanitizer
              << ", which no library may be loaded before" << std::endl;
    return false;
  }
  return true;
}

void faulty_machine::set_clock(std::chrono::milliseconds off) { write("clock_ms", off); }

void faulty_machine::have_slept(std::chrono::milliseconds in_all) { write("passed_ms", in_all); }

void faulty_machine::write(const char* name, std::chrono::milliseconds value) {
  // Renamed, so that it is never read half-written.
  const auto written = folder_ / "new";
  std::ofstream{written} << value.count();
  fs::rename(written, folder_ / name);
}

void faulty_machine::hold_disk() { std::ofstream{folder_ / "hold_sync"} << "held"; }

void faulty_machine::release_disk() { fs::remove(folder_ / "hold_sync"); }

} // namespace klatch::faults
