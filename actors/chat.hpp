/// The actors of a chat, wired together.
#pragma once

#include "actors/archive/archive.hpp"
#include "actors/archive/archive_reader.hpp"
#include "actors/archive/pending_limit.hpp"
#include "actors/cluster/bus_link.hpp"
#include "actors/cluster/control_handler.hpp"
#include "actors/cluster/node_signs.hpp"
#include "actors/connection/connection_scope.hpp"
#include "actors/directory/directory.hpp"
#include "messages/interfaces.hpp"
#include "messages/service_counters.hpp"
#include "store/membership.hpp"
#include "store/message_store.hpp"

#include <caf/actor_system.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace klatch::actors {

/// Where the archive and its readers run, which block.
enum class blocking_actors {
  in_own_threads,
  in_the_pool ///< of the actor system: for tests, where nothing may run by itself
};

/// What joins this node to those that share its store, or to others that store nothing.
struct cluster_access {
  std::shared_ptr<store::membership> lease; ///< null: nothing is stored
  std::shared_ptr<bus_link> link;           ///< null: no bus, everything is looked for in the store
  std::shared_ptr<node_signs> signs;        ///< never null
  control_handler on_control{};             ///< may be empty
  /// Where nothing is stored: names this life of the node, and no other one's of any node; not 0.
  std::uint64_t incarnation = 0;
};

struct chat_options {
  directory_options directory;
  pending_limit::bounds may_wait;
  archive_options archive;
  reader_options reader;
  blocking_actors blocking = blocking_actors::in_own_threads;
  std::uint64_t seed = 0;  ///< of when clients are told to come back after a drain
  std::size_t readers = 1; ///< of inboxes, at most `max_store_lanes`
  std::optional<cluster_access> cluster = std::nullopt; ///< nothing: this node is alone
};

/// Starts all but the connections. Shards go to `homes`. Messages are stored in `lanes`, at most
/// `max_store_lanes` that all write to one store; none: they are not stored. They and `counters`
/// outlive the actors.
chat_actors start_chat(caf::actor_system& system, std::vector<home_worker> homes,
                       const std::vector<store::message_store*>& lanes, store_counters& counters,
                       chat_options options);

/// Has `on_end` called, on any thread, when one of the actors ends.
void watch_chat(const chat_actors& chat, const std::function<void(const caf::error&)>& on_end);

/// Has all of them end once they have done what they were asked before.
void stop_chat(const chat_actors& chat);

} // namespace klatch::actors
