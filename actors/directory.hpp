/// One shard of the directory.
#pragma once

#include "actors/departures.hpp"
#include "actors/pinned.hpp"
#include "actors/roster.hpp"
#include "messages/announce.hpp"
#include "messages/interfaces.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace klatch::actors {

/// Most connections of a project that are told when somebody leaves; a larger project is not told
/// at all.
inline constexpr std::size_t max_notice_receivers = 200;

/// How long somebody who has left may take to come back without a notice.
inline constexpr std::chrono::seconds departure_grace{5};

/// Takes registrations, answers look-ups, tells followers of changes and projects of departures.
class directory final : public pinned<directory_actor> {
public:
  directory(caf::actor_config& cfg, caf::execution_unit& home, announce_mode announces);

  const char* name() const override { return "directory"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using notices = std::vector<frame>;

  void on_register(const register_device& asked);
  void on_unregister(const unregister_device& asked);
  void tell(const user_key& user, const roster<connection_actor>::change& change);
  void on_kept(const kept& asked);
  void on_tell(const klatch::tell& asked);

  /// What people are told of who leaves; empty where they are told nothing.
  std::string_view label_of(const register_device& who) const noexcept;
  void note_departure(const user_key& user, std::string label);
  void schedule_departures();
  void on_departures_due();
  /// Counts the project's connections over all shards, then has each shard pass the notices on.
  void announce_everywhere(const project_id& project, notices texts);
  void announce_to_shards(const project_id& project, const notices& texts);

  announce_mode announces_;
  roster<connection_actor> roster_;
  departures departures_{departure_grace};
  bool tick_pending_ = false;
  directory_table_ptr table_; ///< of all shards, once the supervisor has told
};

} // namespace klatch::actors
