/// The actors of a chat, wired together.
#pragma once

#include "actors/archive/archive.hpp"
#include "actors/archive/archive_reader.hpp"
#include "actors/archive/pending_limit.hpp"
#include "actors/connection/connection_scope.hpp"
#include "actors/directory/directory.hpp"
#include "messages/interfaces.hpp"
#include "messages/service_counters.hpp"
#include "store/message_store.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace klatch::actors {

/// Where the archive and its readers run, which block.
enum class blocking_actors {
  in_own_threads,
  in_the_pool ///< of the actor system: for tests, where nothing may run by itself
};

struct chat_options {
  directory_options directory;
  pending_limit::bounds may_wait;
  archive_options archive;
  reader_options reader;
  blocking_actors blocking = blocking_actors::in_own_threads;
  std::uint64_t seed = 0; ///< of when clients are told to come back after a drain
};

/// Starts all but the connections. Shards go to `homes`. Messages are stored in `store`; null: they
/// are not stored. It and `counters` outlive the actors.
chat_actors start_chat(caf::actor_system& system, std::vector<home_worker> homes,
                       store::message_store* store, store_counters& counters, chat_options options);

/// Has `on_end` called, on any thread, when one of the actors ends.
void watch_chat(const chat_actors& chat, const std::function<void(const caf::error&)>& on_end);

/// Has all of them end once they have done what they were asked before.
void stop_chat(const chat_actors& chat);

} // namespace klatch::actors
