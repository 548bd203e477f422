/// The service of a run: one, or the nodes of a cluster with what they share.
#pragma once

#include "tests/simulation/cluster/database.hpp"
#include "tests/simulation/cluster/model_bus.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/server.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace klatch::simulation {

class fleet {
public:
  fleet(machine& on, disk& files, const options& chosen, std::uint64_t seed)
      : chosen_(chosen), shared_(on, chosen, seed), air_(on, chosen, seed) {
    for (std::size_t number = 0; number < chosen.nodes; ++number)
      all_.push_back(std::make_unique<server>(
          on, files, chosen, seed,
          chosen.is_cluster() ? std::optional{place_in_cluster{shared_, air_, number}}
                              : std::nullopt));
  }

  std::size_t size() const noexcept { return all_.size(); }
  server& at(std::size_t which) { return *all_.at(which); }
  /// The only one, or one of them. Whoever draws has the same numbers with one node as without.
  server& any(random& of) { return at(size() == 1 ? 0 : of.below(size())); }
  server& first() { return at(0); }
  const std::vector<std::unique_ptr<server>>& all() const noexcept { return all_; }

  void start() {
    for (const auto& each : all_)
      each->start();
  }
  /// All of them take connections, and nothing is under way but what nodes of a cluster always ask
  /// their database.
  bool is_calm() const {
    return std::all_of(all_.begin(), all_.end(), [this](const auto& each) {
      return each->accepts() && !each->has_failed() && (chosen_.is_cluster() || !each->is_busy()) &&
             each->nothing_waits();
    });
  }
  /// Places in front of an archive are taken.
  bool anything_waits() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const auto& each) { return each->is_up() && !each->nothing_waits(); });
  }
  store::message_store* messages() const noexcept { return all_.front()->messages(); }

  database& shared() noexcept { return shared_; }
  model_bus& air() noexcept { return air_; }

private:
  const options& chosen_;
  database shared_; ///< of a cluster, as is the bus
  model_bus air_;
  std::vector<std::unique_ptr<server>> all_;
};

} // namespace klatch::simulation
