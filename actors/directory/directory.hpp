/// One shard of the directory.
#pragma once

#include "actors/directory/departure_grace.hpp"
#include "actors/directory/device_table.hpp"
#include "actors/directory/roster.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/archive_messages.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/departure_notices.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"
#include "messages/routing_messages.hpp"
#include "messages/service_counters.hpp"
#include "messages/supervision_messages.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace spdlog {
class logger;
} // namespace spdlog

namespace klatch::actors {

/// Most connections of a project for a departure to be announced to; none is to those of a larger
/// project.
inline constexpr std::size_t max_notice_receivers = 200;

/// How long somebody who has left may take to come back without a notice.
inline constexpr std::chrono::seconds departure_grace_period{5};

struct directory_options {
  departure_notices announces = departure_notices::name;
  /// Most devices of a user; 0: any number.
  std::size_t max_devices = 50;
  /// Clients' addresses stand in the log.
  bool log_addresses = false;
  /// Messages are stored: the shard passes them on, and devices need not know of each other.
  bool stored = false;
  /// Of all shards: who has devices here; null: nobody asks.
  std::shared_ptr<roster> here = nullptr;
  std::shared_ptr<spdlog::logger> log = {}; ///< has to be set
};

/// A worker that actors can be at home on, and where they count. Both outlive the actors.
struct home_worker {
  caf::execution_unit* unit;
  worker_counters* counters;
};

/// Takes registrations, answers look-ups, tells followers of changes and projects of departures.
class directory final : public pinned<directory_actor> {
public:
  directory(caf::actor_config& cfg, caf::execution_unit& home, worker_counters& counters,
            directory_options options);

  const char* name() const override { return "directory"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using notices = std::vector<frame>;

  using devices = std::vector<connection_actor>;

  void on_register(const register_device& asked);
  void on_unregister(const unregister_device& asked);
  /// Refuses a device more than a user may have. Returns true if it has.
  bool refuse(const register_device& asked);
  /// Notifies the user's other devices of `device`. Returns them.
  devices notify_siblings(const user_key& user, const connection_actor& device, bool present);
  void notify_followers(route_changed what, devices followers);
  /// As many as one turn may notify.
  void notify_some();
  void on_stored(const stored& asked);
  void on_push(const klatch::push& asked);
  void on_heads(const heads_known& known);
  void on_list(const list_users& asked);
  void on_start_over();

  /// Returns the notice of a departure; empty if departures are not announced.
  std::string_view label_of(const register_device& who) const noexcept;
  void note_departure(const user_key& user, std::string label);
  void schedule_departures();
  void on_departures_due();
  /// Counts the project's connections over all shards, then has each shard pass the notices on.
  void announce_everywhere(const project_id& project, notices texts);
  void announce_to_shards(const project_id& project, const notices& texts);

  struct change {
    route_changed what;
    devices followers; ///< still to be notified
  };

  void count_users() noexcept;

  worker_counters& counters_;
  directory_options options_;
  device_table<connection_actor> devices_;
  /// No more than a handle for each device that has gone and each look-up of its user.
  std::deque<change> changes_;
  std::optional<caf::actor_clock::time_point> refusal_logged_;
  departure_grace departures_{departure_grace_period};
  bool tick_pending_ = false;
  directory_table_ptr table_; ///< of all shards; null until the supervisor has sent it
};

} // namespace klatch::actors
