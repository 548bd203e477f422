/// Keeps this node's lease on the store that it shares.
#pragma once

#include "actors/cluster/control_handler.hpp"
#include "actors/cluster/current_epoch.hpp"
#include "actors/cluster/node_signs.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/interfaces.hpp"
#include "store/membership.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spdlog {
class logger;
} // namespace spdlog

namespace klatch::actors {

struct lease_keeper_options {
  std::shared_ptr<node_signs> signs;    ///< what this node says of itself; never null
  std::shared_ptr<current_epoch> epoch; ///< set when the store has another one; never null
  std::shared_ptr<spdlog::logger> log;  ///< never null
  control_handler on_control{};         ///< may be empty
};

/// Renews the lease every `store::lease_renewal`, says which nodes there are, and gives the lease
/// back at the end. Blocks while it asks the store, and so has a thread of its own.
class lease_keeper final : public lease_keeper_actor::base {
public:
  lease_keeper(caf::actor_config& cfg, std::shared_ptr<store::membership> lease,
               herald_actor herald, lease_keeper_options options);

  const char* name() const override { return "lease_keeper"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  void renew();
  void pass_control_on(std::uint64_t number);
  void log_changes(const store::cluster_view& now);

  std::shared_ptr<store::membership> lease_;
  herald_actor herald_;
  lease_keeper_options options_;
  store::cluster_view last_;
  bool failing_ = false;
  bool control_failing_ = false;
};

} // namespace klatch::actors
