/// A clock and a disk that misbehave when they are told to, for the servers of one test.
#pragma once

#include "tests/faults/server_process.hpp"

#include <chrono>

namespace klatch::faults {

/// Servers that are started while it lives run with tests/faults/shim.cpp loaded into them.
class faulty_machine {
public:
  faulty_machine();
  faulty_machine(const faulty_machine&) = delete;
  faulty_machine& operator=(const faulty_machine&) = delete;
  ~faulty_machine();

  /// Where not: says so. A binary with a sanitizer in it takes no second library before its own.
  static bool is_possible();

  /// The time of day is this far off from now on.
  void set_clock(std::chrono::milliseconds off);
  /// The machine has slept for so long altogether: its clocks have gone on, and no timer has.
  void have_slept(std::chrono::milliseconds in_all);
  /// Nothing comes to be on the disk from now on; what is to be there waits.
  void hold_disk();
  void release_disk();

private:
  void write(const char* name, std::chrono::milliseconds value);

  scratch_folder folder_;
};

} // namespace klatch::faults
