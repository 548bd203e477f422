/// One shard of the directory.
#pragma once

#include "actors/directory/departure_grace.hpp"
#include "actors/directory/device_table.hpp"
#include "actors/directory/node_questions.hpp"
#include "actors/directory/roster.hpp"
#include "actors/directory/stand_in.hpp"
#include "actors/directory/users_elsewhere.hpp"
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
#include <cstdint>
#include <deque>
#include <functional>
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

/// Users without devices here whose devices at other nodes a shard knows of; beyond, one of them is
/// asked for anew when they are next written to.
inline constexpr std::size_t max_users_elsewhere = 20'000;

/// Departures about which a shard asks other nodes at a time; those beyond are not announced.
inline constexpr std::size_t max_departure_questions = 1'000;

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
  /// Of all shards: whom records of other nodes may be for; null: nobody asks.
  std::shared_ptr<roster> here = nullptr;
  node_link others = {};
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
  /// As the `place`th of all who do.
  void start_over(const connection_actor& device, std::uint64_t place);

  /// Returns the notice of a departure; empty if departures are not announced.
  std::string_view label_of(const register_device& who) const noexcept;
  void note_departure(const user_key& user, std::string label);
  void schedule_departures();
  void on_departures_due();
  /// Counts the project's connections over all shards, then has each shard pass the notices on, and
  /// other nodes, which have `elsewhere` of them.
  void announce_everywhere(const project_id& project, notices texts, std::size_t elsewhere = 0,
                           std::vector<node_record> for_others = {});
  void announce_to_shards(const project_id& project, const notices& texts);
  /// Calls `use` with how many connections of the project all shards have, later.
  void count_everywhere(const project_id& project, std::function<void(std::size_t)> use);

  // Other nodes: directory_nodes.cpp.
  /// Returns true if users of other nodes are written to directly: there are others, and no store.
  bool reaches_others() const noexcept {
    return options_.others.herald != nullptr && !options_.stored;
  }
  bool is_here(const user_key& user) const {
    return !devices_.devices_of(user.project, user.user).empty();
  }
  void tell_nodes(node_record what);
  void on_lookup(const lookup& asked);
  void answer_lookup(const user_key& user, const connection_actor& asker);
  void ask_nodes_for(const user_key& user, devices askers);
  void on_unfollow(const unfollow& asked);
  void on_first_device(const user_key& user, devices& followers);
  void on_last_device(const user_key& user);
  void forget_if_unwanted(const user_key& user);
  void make_room_elsewhere();
  void note_elsewhere(const user_key& user, std::uint64_t node);
  void note_gone_elsewhere(const user_key& user, std::uint64_t node);
  void ask_about_departure(departure_grace::departure gone);
  void on_node_said(const node_said& said);
  void take(std::uint64_t node, const bus_question& question);
  void take(std::uint64_t node, const bus_answer& answer);
  void take(std::uint64_t node, const bus_notice& notice);
  void take(std::uint64_t node, const bus_presence& said);
  void take(std::uint64_t node, const bus_delivery& message);
  void take(std::uint64_t node, const bus_introduction& made);
  void on_nodes_living(const nodes_living& now);
  void look_around();
  void look_at_some();
  void schedule_questions();
  void end_questions();

  /// What other nodes have answered about a user who may have left.
  struct departure_findings {
    frame text;
    std::size_t connected; ///< of the project, at those that have answered
    bool has;              ///< one of them has the user
  };
  struct lookup_findings {
    devices askers; ///< at most one question of each connection
  };

  void end_question(const node_questions<departure_findings>::outcome& ended);
  void end_question(const node_questions<lookup_findings>::outcome& ended);

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
  bool started_over_ = false; ///< those who were at a shard of before, too
  departure_grace departures_{departure_grace_period};
  bool tick_pending_ = false;
  directory_table_ptr table_; ///< of all shards; null until the supervisor has sent it

  // Of other nodes, where there are any.
  std::uint64_t own_node_ = 0;
  std::vector<std::uint64_t> nodes_; ///< the others, as long as they live
  users_elsewhere<connection_actor> elsewhere_;
  node_questions<lookup_findings> lookups_{max_users_elsewhere};
  node_questions<departure_findings> leaving_{max_departure_questions};
  bool questions_timed_ = false;  ///< a `questions_due` comes
  std::vector<user_key> looking_; ///< whom the other nodes are still to be told and asked of
};

} // namespace klatch::actors
