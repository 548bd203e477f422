/// The whole service in one object.
#pragma once

#include "actors/archive/pending_limit.hpp"
#include "actors/supervisor.hpp"
#include "messages/departure_notices.hpp"
#include "net/accept/listener.hpp"
#include "net/http/assets.hpp"
#include "net/options.hpp"
#include "net/server.hpp"
#include "store/message_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace klatch::app {

struct service_options {
  std::size_t threads = 1;
  departure_notices announce = departure_notices::name;
  /// Most devices of a user; 0: any number.
  std::size_t max_per_user = 50;
  /// How long messages are kept; nothing: for ever.
  std::optional<std::chrono::milliseconds> retain;
  actors::pending_limit::bounds may_wait;
  net::options network;
};

/// Worker pool, actors and listeners, from the constructor's end to the destructor.
class service {
public:
  /// Accepts on `sockets` from now on. Messages are stored in `store`; null: they are not stored.
  /// `on_failure` is called, on any thread, when the actors cannot go on.
  service(const service_options& chosen, std::unique_ptr<store::message_store> store,
          const net::asset_source& assets, std::vector<net::bound_socket> sockets,
          std::function<void()> on_failure);
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  ~service();

  /// Accepts no more, closes every connection with 1001 after what is queued for it, and waits for
  /// that at most `grace`. The answer is how many had to be cut off.
  std::size_t drain(std::chrono::milliseconds grace);

  caf::actor_system& system() noexcept { return system_; }
  const directory_table_ptr& first_directory() const noexcept { return chat_.directory; }

private:
  net::chat_actors start_actors(const service_options& chosen);
  std::optional<actors::archive_access> start_archive(const service_options& chosen);
  supervisor_actor start_supervisor(const service_options& chosen,
                                    const std::optional<actors::archive_access>& archive);

  std::unique_ptr<store::message_store> store_; ///< outlives the actors
  caf::actor_system_config config_;
  caf::actor_system system_;
  net::chat_actors chat_;
  net::server server_;
};

} // namespace klatch::app
