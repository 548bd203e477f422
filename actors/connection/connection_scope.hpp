/// What all connections of one worker share.
#pragma once

#include "actors/archive/pending_limit.hpp"
#include "actors/cluster/current_epoch.hpp"
#include "actors/connection/failure_limit.hpp"
#include "actors/connection/guest_limit.hpp"
#include "actors/connection/rate_limit.hpp"
#include "actors/connection/repeated_lines.hpp"
#include "messages/auth/access_rules.hpp"
#include "messages/clock.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"
#include "messages/limits.hpp"
#include "messages/partition.hpp"
#include "messages/service_counters.hpp"
#include "messages/wire/decoder.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spdlog {
class logger;
}

namespace klatch::actors {

/// Who joins this node to those that share its store.
struct cluster_actors {
  lease_keeper_actor keeper;
  herald_actor herald;
  archive_reader_actor heads; ///< reads how far inboxes go
};

/// Where messages are stored.
struct archive_access {
  std::vector<archive_actor> writers;        ///< at least one; each stores its conversations
  std::vector<archive_reader_actor> readers; ///< of inboxes, at least one; each has its users
  archive_reader_actor queries;              ///< reads what clients want to know
  std::shared_ptr<pending_limit> limit;      ///< to be passed before any of them is sent anything
  std::shared_ptr<current_epoch> epoch;      ///< never null
  bool several_writers = false;              ///< on this node or on others
  std::optional<cluster_actors> cluster{};   ///< nothing: this node is alone

  /// Who stores what `user` writes to `peer`, and the other way round.
  const archive_actor& writer_of(const project_id& project, const user_id& user,
                                 const user_id& peer) const noexcept {
    if (writers.size() == 1)
      return writers.front();
    return writers[(hash_of(project, user) ^ hash_of(project, peer)) % writers.size()];
  }
  /// Who notes what is known of `user`.
  const archive_actor& writer_of(const user_key& user) const noexcept {
    return writers[partition_of(user) % writers.size()];
  }
  const archive_reader_actor& reader_of(const user_key& user) const noexcept {
    return readers[partition_of(user) % readers.size()];
  }
};

/// The actors that connections talk to.
struct chat_actors {
  supervisor_actor supervisor;
  directory_table_ptr directory;
  std::optional<archive_access> archive; ///< nothing: messages are not stored
  herald_actor herald{};                 ///< of nodes that store nothing; null: there are none
};

class rate_table;

/// How many frames a connection may keep up for each send: one that has received a message says so,
/// asks for pages of what was, and so on. All of them count: fragments, pings and pongs as well.
inline constexpr unsigned frames_for_a_send = 6;
/// How many connections' bytes a user may keep up over all of their devices.
inline constexpr std::size_t full_devices = 4;

/// Outlives the connections. What changes in it is used on their worker only.
struct connection_scope {
  const limits& allowed;
  decoder& frames;
  supervisor_actor supervisor;
  std::optional<archive_access> archive; ///< nothing: messages are not stored
  std::chrono::seconds ping_every;
  rate_table* users;                   ///< what each has sent over all devices; null: no limit
  clock time;                          ///< of day; for intervals there is the actor system's
  std::shared_ptr<spdlog::logger> log; ///< never null
  worker_counters& counters;           ///< of their worker
  /// Who may come in; never null. A reload puts another in its place.
  access_rules_ptr access = std::make_shared<const access_rules>();
  failure_limit* failures = nullptr; ///< of tokens, by address; null: no limit
  guest_limit* new_guests = nullptr; ///< by address; null: no limit
  rate send_rate{allowed.send_rate};
  rate guest_rate{send_rate_of_guests(allowed.send_rate)}; ///< what `send_rate` is of others
  rate frame_rate{allowed.send_rate * frames_for_a_send, allowed.byte_rate}; ///< of everything
  rate refusal_rate{allowed.send_rate, allowed.byte_rate};
  rate user_rate{0, allowed.byte_rate* full_devices}; ///< over all devices
  bool log_addresses = false;                         ///< clients' addresses stand in the log
  /// Of all connections together.
  mutable rate_limit slow_decoding{};
  mutable repeated_lines refused_tokens{}; ///< of the log

  /// `allowed` has changed: its rates count from now on, for all connections.
  void take_rates() {
    send_rate = rate{allowed.send_rate};
    guest_rate = rate{send_rate_of_guests(allowed.send_rate)};
    frame_rate = rate{allowed.send_rate * frames_for_a_send, allowed.byte_rate};
    refusal_rate = rate{allowed.send_rate, allowed.byte_rate};
    user_rate = rate{0, allowed.byte_rate * full_devices};
  }
};

} // namespace klatch::actors
