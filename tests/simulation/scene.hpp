/// Where a fault happens.
#pragma once

#include "tests/simulation/faults.hpp"
#include "tests/simulation/model/model.hpp"

#include <functional>
#include <string>
#include <utility>

namespace klatch::simulation::strikes {

struct scene {
  const victims& on;
  random& with;
  server& hit; ///< the only one, or the node that it happens to

  server& service() const { return hit; }
  machine& time() const { return on.around.on; }
  model& truth() const { return on.around.truth; }

  void say(std::string what) const { time().tell({}, {}, std::move(what)); }
  /// The server may say for a while that something fails.
  void excuse(us lasts = 0) const {
    truth().now = time().now();
    klatch::simulation::excuse(truth(), lasts);
  }
  /// Some part of the run.
  us some_time() const {
    return 1 + static_cast<us>(with.around(static_cast<std::uint64_t>(on.span) / 8));
  }
  us moment() const { return 1 + static_cast<us>(with.around(300 * ms)); }
  void later(us wait, std::function<void()> what) const {
    time().after(wait, {task::kind::fault, 1, std::move(what)});
  }
};

// Those of a cluster: cluster/faults.cpp.
void node_killed(const scene& in);
void node_stands_still(const scene& in);
void bus_cut_off(const scene& in);
void bus_gone(const scene& in);
void database_away(const scene& in);
void database_gone(const scene& in);
void answers_lost(const scene& in);
void database_fails_over(const scene& in);

} // namespace klatch::simulation::strikes
