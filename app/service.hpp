/// The whole service in one object.
#pragma once

#include "actors/connection/connection_scope.hpp"
#include "app/metrics/metric_endpoint.hpp"
#include "app/readiness.hpp"
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
  /// Accepts on `sockets` from now on, and operators on `for_operators`; if there are none of
  /// these, operators on this machine use the others. Messages are stored in `store`; null: they
  /// are not stored. `on_failure` is called, on any thread, when the actors cannot go on.
  service(const service_options& options, std::unique_ptr<store::message_store> store,
          const net::asset_source& assets, std::vector<net::bound_socket> sockets,
          std::function<void()> on_failure, std::vector<net::bound_socket> for_operators = {});
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  ~service();

  /// Accepts no more, closes every connection with 1001 after what is queued for it, and waits for
  /// that at most `grace`. Returns how many had to be cut off.
  std::size_t drain(std::chrono::milliseconds grace);

  caf::actor_system& system() noexcept { return system_; }

  /// Whether it is ready, and whether its workers are alive.
  const readiness& state() const noexcept { return readiness_; }

private:
  actors::chat_actors start_actors(const service_options& options);
  std::vector<net::worker*> workers();
  metric_sources sources_of_metrics(const service_options& options);
  std::vector<net::route> public_routes(bool for_operators_too) const;
  std::vector<net::route> operator_routes() const;

  std::unique_ptr<store::message_store> store_; ///< outlives the actors
  store_counters counted_of_store_;             ///< likewise
  caf::actor_system_config config_;
  caf::actor_system system_;
  readiness readiness_;
  actors::chat_actors chat_;
  metric_collector metrics_;
  net::server server_;
};

} // namespace klatch::app
