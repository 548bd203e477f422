/// The whole service in one object.
#pragma once

#include "actors/connection/connection_scope.hpp"
#include "app/service_options.hpp"
#include "messages/service_counters.hpp"
#include "net/accept/listener.hpp"
#include "net/http/assets.hpp"
#include "net/server.hpp"
#include "store/message_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace klatch::app {

/// Worker pool, actors and listeners, from the constructor's end to the destructor.
class service {
public:
  /// Accepts on `sockets` from now on. Messages are stored in `store`; null: they are not stored.
  /// `on_failure` is called, on any thread, when the actors cannot go on.
  service(const service_options& options, std::unique_ptr<store::message_store> store,
          const net::asset_source& assets, std::vector<net::bound_socket> sockets,
          std::function<void()> on_failure);
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  ~service();

  /// Accepts no more, closes every connection with 1001 after what is queued for it, and waits for
  /// that at most `grace`. Returns how many had to be cut off.
  std::size_t drain(std::chrono::milliseconds grace);

  caf::actor_system& system() noexcept { return system_; }

private:
  actors::chat_actors start_actors(const service_options& options);

  std::unique_ptr<store::message_store> store_; ///< outlives the actors
  store_counters counted_of_store_;             ///< likewise
  caf::actor_system_config config_;
  caf::actor_system system_;
  actors::chat_actors chat_;
  net::server server_;
};

} // namespace klatch::app
