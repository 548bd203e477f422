/// Everything that is drawn for a run before it begins.
#pragma once

#include "tests/simulation/trace.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::simulation {

/// What a device does of its own accord. The rows are in workload.cpp.
enum class action : std::uint8_t {
  come,
  send,
  burst,
  send_again,
  send_without_cid,
  write_to_oneself,
  send_large,
  send_bad_frame,
  ask_history,
  ask_conversations,
  set_read,
  set_received,
  register_again,
  ping,
  close,
  reset,
  fall_silent,
  stop_reading,
  come_back_behind,
  come_without_registering
};
inline constexpr std::size_t action_count = 20;

/// What goes wrong. The rows are in faults.cpp.
enum class fault : std::uint8_t {
  shard_dies,
  connection_dies,
  reader_dies,
  archive_dies,
  service_stops,
  process_killed,
  power_fails,
  killed_then_power_fails,
  folder_emptied,
  folder_away,
  backup_put_back,
  disk_full,
  sync_fails,
  read_fails,
  sync_slow,
  clock_set,
  all_stop_reading,
  // Of a cluster's nodes.
  node_killed,
  node_stands_still,
  bus_cut_off,
  bus_gone,
  database_away,
  database_gone,
  answers_lost,
  database_fails_over
};
inline constexpr std::size_t fault_count = 25;
inline constexpr auto first_of_clusters = fault::node_killed;

/// How an action or a fault gets into a run.
struct feature {
  std::string_view name;
  double share;       ///< of the runs that have it
  std::uint32_t low;  ///< its weight among actions then, or its number in a run, from here …
  std::uint32_t high; ///< … to here
};

/// Those of a table whose rows have one each.
template<class Row, std::size_t size>
std::array<feature, size> features_of(const std::array<Row, size>& rows) {
  std::array<feature, size> result{};
  for (std::size_t at = 0; at < size; ++at)
    result.at(at) = rows.at(at).how_often;
  return result;
}

const std::array<feature, action_count>& actions();
const std::array<feature, fault_count>& faults();

/// Which of those who could run has the next turn.
enum class strategy : std::uint8_t {
  first_come, ///< in the order in which they could
  uniform,    ///< any
  priorities, ///< by random priorities, which change now and then: PCT (Burckhardt and others,
              ///< 2010)
};

enum class store_kind : std::uint8_t {
  sqlite,
  memory,
  none,
  shared ///< by the nodes of a cluster
};

struct options {
  // Turns.
  strategy picks = strategy::uniform;
  double priority_changes = 0; ///< chance a step
  double delays = 0; ///< chance that a turn is put off, as if its thread had lost its core
  double stalls = 0; ///< the same in the middle of SQLite's work
  double yields = 0; ///< chance that others run at a call of the file system
  us longest_delay = 20'000;
  double time_passes = 0; ///< chance a step that time goes on though somebody could run

  // The service.
  store_kind store = store_kind::sqlite;
  std::size_t shards = 2;
  std::size_t max_devices = 50;
  unsigned send_rate = 0; ///< 0: no limit; the byte rate then, too
  std::size_t waiting_bytes = 1UL << 20U;
  std::size_t page_entries = 500;
  std::size_t page_bytes = 128UL << 10U;
  std::size_t batch_messages = 2'000;
  std::size_t delivery_step = 200;
  std::size_t messages_may_wait = 20'000;
  std::size_t marks_may_wait = 20'000;
  std::size_t tail_limit = 32'768;
  std::size_t cache_limit = 100'000;
  std::size_t wal_soft_bytes = 16UL << 20U;
  bool announces = false;

  // The cluster.
  std::size_t nodes = 1;
  std::size_t lanes = 1; ///< that a node writes in
  us database_way = 300; ///< to it, and back
  bool has_bus = true;
  std::size_t bus_frame = 64UL << 10U;
  us bus_latency = 300;
  double bus_loses = 0; ///< chance a frame and node that hears
  double bus_repeats = 0;
  double bus_reorders = 0;

  // Machine and wires.
  us latency = 5'000;
  std::size_t window = 1UL << 20U; ///< bytes that a wire takes before it is read
  us sync_time = 2'000;
  double kept_of_unsynced = 0.5; ///< when the power fails

  // People.
  std::size_t users = 4;
  std::size_t projects = 1;
  std::size_t most_devices = 3; ///< of one user
  double plain = 0;             ///< share of the devices
  us think = 50'000;
  /// About how long a user's token lasts; 0: nobody is asked for one.
  us token_life = 0;
  std::size_t silences = 0;       ///< of all at once, now and then of a minute
  std::size_t action_total = 150; ///< of all devices together
  std::array<std::uint32_t, action_count> weights{};
  std::array<std::uint32_t, fault_count> fault_totals{}; ///< about

  std::uint32_t total(fault what) const { return fault_totals.at(static_cast<std::size_t>(what)); }
  bool has(fault what) const { return total(what) > 0; }
  bool is_cluster() const noexcept { return store == store_kind::shared; }
};

/// The options of a seed: each has some actions and faults and not others, and bounds that make
/// what is rare common (swarm testing: Groce and others, 2012).
options swarm(std::uint64_t seed);

/// "delays=0.02", "action.send=3", "fault.power_fails=0": sets one. Throws `std::invalid_argument`,
/// which names the settings that there are.
void set(options& target, std::string_view assignment);

/// All settings as `set` takes them.
std::vector<std::string> settings_of(const options& of);

} // namespace klatch::simulation
