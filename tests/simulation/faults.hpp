/// What goes wrong.
#pragma once

#include "tests/simulation/device.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/server.hpp"

#include <memory>
#include <vector>

namespace klatch::simulation {

/// What faults happen to.
struct victims {
  neighbourhood& around;
  disk& files;
  std::vector<std::unique_ptr<device>>& devices;
  us span; ///< of the run, about
};

/// Has it happen. What it needs to choose it draws from `with`. What lasts ends by itself, or in
/// `end_faults`.
void strike(fault what, const victims& on, random& with);

/// Everything works again.
void end_faults(const victims& on);
/// Likewise, what the nodes of a cluster share, and they themselves.
void mend_cluster(const victims& on);

} // namespace klatch::simulation
