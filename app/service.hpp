/// The whole service in one object.
#pragma once

#include "actors/connection/connection_scope.hpp"
#include "app/metrics/metric_endpoint.hpp"
#include "app/metrics/settings_counters.hpp"
#include "app/readiness.hpp"
#include "app/service_options.hpp"
#include "app/storage.hpp"
#include "messages/auth/access_rules.hpp"
#include "messages/service_counters.hpp"
#include "net/accept/listener.hpp"
#include "net/http/assets.hpp"
#include "net/server.hpp"
#include "store/message_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace klatch::app {

/// How much the service does, for a person.
struct service_figures {
  std::uint64_t connections = 0; ///< WebSockets
  std::uint64_t users = 0;       ///< with at least one of them
  std::uint64_t stored = 0;      ///< messages since the start
  bool stores = false;           ///< messages are stored
  bool writable = true;          ///< the store was, the last time
  bool draining = false;
};

/// Worker pool, actors and listeners, from the constructor's end to the destructor.
class service {
public:
  /// Accepts on `sockets` from now on, and operators on `for_operators`; if there are none of
  /// these, operators on this machine use the others. Messages are stored in `kept_in`.
  /// `on_failure` is called, on any thread, when the actors cannot go on.
  service(const service_options& options, storage kept_in, const net::asset_source& assets,
          std::vector<net::bound_socket> sockets, std::function<void()> on_failure,
          std::vector<net::bound_socket> for_operators = {});
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  ~service();

  /// Takes over what may change of the settings. `min_free`: bytes that the store leaves on its
  /// disk. Those who are connected stay.
  void use(const service_options& next, std::uint64_t min_free);

  /// Who may come in from now on. `on_done` is called, on any thread, once it is so.
  void use_access(access_rules_ptr rules, std::function<void()> on_done);

  /// Calls `on_answer`, on any thread, once each worker and the archive have answered; if one of
  /// them is stuck, not before it goes on.
  void check_alive(std::function<void()> on_answer);

  /// Says to balancers and to other nodes that it ends soon.
  void announce_end();
  /// Accepts no more, tells clients when to come back, closes every connection with 1012 after what
  /// is queued for it, and cuts off those that are left after `grace`; then HTTP requests that are
  /// under way have a second. `on_done` is called once, on
  /// any thread, when none is left, with how many were cut off. Once only.
  void begin_drain(std::chrono::milliseconds grace, unsigned reconnect_rate,
                   std::function<void(std::size_t)> on_done);
  /// Ends the grace of a drain that has begun.
  void end_drain();

  caf::actor_system& system() noexcept { return system_; }

  /// What is told to operators of the settings; counted by whoever reloads them.
  settings_counters& settings() noexcept { return settings_; }

  /// As they are now; waits for nobody.
  service_figures figures();

  /// Whether it is ready, and whether its workers are alive.
  const readiness& state() const noexcept { return readiness_; }

private:
  actors::chat_actors start_actors(const service_options& options);
  void note_settings(const service_options& taken) noexcept;
  std::vector<net::worker*> workers();
  metric_sources sources_of_metrics(const service_options& options);
  std::vector<net::route> public_routes(bool for_operators_too) const;
  std::vector<net::route> operator_routes() const;

  storage store_;                   ///< outlives the actors
  store_counters counted_of_store_; ///< likewise
  settings_counters settings_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  readiness readiness_;
  actors::chat_actors chat_;
  std::shared_ptr<const net::tls_certificates> certificates_; ///< for metrics; null without TLS
  metric_collector metrics_;
  net::server server_;
  /// Whoever stops it waits for nobody. Shared with what a drain calls at its end.
  std::shared_ptr<std::atomic<bool>> hurries_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace klatch::app
