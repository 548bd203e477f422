/// The smallest run that is still broken in the same way.
#pragma once

#include "tests/simulation/run.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace klatch::simulation {

struct shrunk {
  recipe what;
  std::vector<std::string> settings; ///< that are not the seed's own, as `set` takes them
  std::size_t runs = 0;              ///< that it took
};

/// Leaves out events by halves, quarters and so on (ddmin: Zeller and Hildebrandt, 2002), then
/// makes turns and wires plain. `on_progress` is told how many events are left.
shrunk shrink(const recipe& broken, const std::function<void(std::size_t events)>& on_progress);

} // namespace klatch::simulation
