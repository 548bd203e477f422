/// Watches over the other actors.
#pragma once

#include "actors/directory/directory.hpp"
#include "actors/drain_plan.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"
#include "messages/supervision_messages.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <unordered_set>
#include <vector>

namespace klatch::actors {

/// Starts a directory shard on each worker and replaces one that dies: connections register again
/// with its successor.
///
/// The archive, and whoever else publishes, is told of the successor first, and the connections
/// when all of them have answered: then nothing that they tell goes to the shard that is no more,
/// and who registers again and then looks where the inbox stands misses nothing. An archive that is
/// busy for longer than `archive_answer_wait` is not waited for. What it has told the dead shard
/// meanwhile is lost, and so the successor's devices look at their inboxes once more when it has
/// answered.
///
/// More than `max_replacements` within `replacement_window` mean a fault that a
/// new start does not mend; then it gives up with an error, and the service stops.
class supervisor final : public pinned<supervisor_actor> {
public:
  static constexpr std::size_t max_replacements = 5;
  static constexpr std::chrono::seconds replacement_window{10};
  static constexpr std::chrono::seconds archive_answer_wait{1};

  /// Runs on the first of `homes`; a shard goes to each of the first 64. Each of `publishers`,
  /// the archives and the herald, is sent every new directory table. `readers` are monitored: when
  /// one ends, connections learn of it and ask none any more. Logs to the log of `shard_options`.
  /// `seed` decides when each client is told to come back after a drain.
  supervisor(caf::actor_config& cfg, std::vector<home_worker> homes,
             directory_options shard_options, std::vector<publisher_actor> publishers,
             const std::vector<archive_reader_actor>& readers, std::uint64_t seed);

  /// The shards at the start. Later ones reach connections by message.
  const directory_table_ptr& first_table() const noexcept { return first_table_; }

  const char* name() const override { return "supervisor"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  directory_actor start_shard(std::size_t index);
  /// Tells the shards and the publishers of the table.
  void notify_shards();
  /// Tells the connections of the table.
  void notify_connections();
  void on_table_taken(const table_taken& answered);
  void on_connections_due(const connections_due& now);
  void on_settings(const use_directory_settings& next);
  void on_watch(const watch& asked);
  void on_down(const caf::down_msg& down);
  void replace_shard(std::size_t index);
  void on_reader_lost(const caf::error& reason);
  caf::result<std::size_t> on_drain(const drain& asked);
  /// Closes the connections that are due.
  void go_on_draining();
  void on_drain_over();
  void finish_drain();

  std::vector<home_worker> homes_;
  directory_options shard_options_;
  std::vector<publisher_actor> publishers_;
  std::size_t answers_wanted_ = 0;       ///< of publishers, to the latest table
  std::vector<caf::actor_addr> readers_; ///< of the archive
  bool reader_lost_ = false;
  directory_table_ptr first_table_;
  directory_table_ptr table_; ///< the latest
  directory_table_ptr known_; ///< the one that connections are told of; may be an earlier one
  /// Successors that connections know and the archive may not.
  std::vector<directory_actor> not_waited_for_;
  std::unordered_set<connection_actor> connections_;
  std::deque<caf::actor_clock::time_point> replacements_;
  std::optional<caf::typed_response_promise<std::size_t>> draining_;
  bool over_before_begun_ = false; ///< whoever hurries it was faster than whoever asks for it
  std::optional<drain_plan> plan_; ///< of the drain
  caf::actor_clock::time_point drain_began_;
  std::mt19937_64 random_;
};

} // namespace klatch::actors
