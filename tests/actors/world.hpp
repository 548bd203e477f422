/// All actors without sockets, under virtual time.
#pragma once

#include "actors/archive/pending_limit.hpp"
#include "actors/chat.hpp"
#include "actors/connection/connection.hpp"
#include "actors/connection/rate_table.hpp"
#include "actors/supervisor.hpp"
#include "messages/archive_messages.hpp"
#include "messages/auth/access_rules.hpp"
#include "messages/clock.hpp"
#include "messages/departure_notices.hpp"
#include "messages/interfaces.hpp"
#include "messages/limits.hpp"
#include "messages/routing_messages.hpp"
#include "messages/service_counters.hpp"
#include "messages/supervision_messages.hpp"
#include "messages/wire/decoder.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/actors/client.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::test {

struct world_options {
  std::size_t shards = 1;
  departure_notices announces = departure_notices::off;
  std::size_t max_devices = 50;
  limits allowed = unlimited_rate();
  /// Where messages are stored; null: they are not.
  std::shared_ptr<store::message_store> store = nullptr;
  actors::pending_limit::bounds may_wait = {};
  std::optional<std::chrono::milliseconds> retain = std::nullopt;
  /// Who may come in; nobody is asked for a token without keys.
  access_rules access = {};
  unsigned token_failures = 0; ///< of one address and minute; 0 for no limit
  unsigned new_guests = 0;     ///< likewise
  /// What joins it to other worlds with the same store; nothing: it is alone.
  std::optional<actors::cluster_access> cluster = std::nullopt;

  /// Few tests are about the rate.
  static limits unlimited_rate() {
    limits result;
    result.send_rate = 0;
    result.byte_rate = 0;
    return result;
  }
};

/// A supervisor, its shards, an archive where a test stores messages, and as many clients as a test
/// connects. Nothing runs unless the test runs it, one message at a time and always in the same
/// order; time passes only in `advance`.
class world {
public:
  explicit world(const world_options& chosen = {});
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// A new client, not registered. Lives as long as the world.
  client& connect(const std::string& peer = "192.0.2.1", const std::string& upgrade_token = {});
  /// A new client that has registered and read the acknowledgement.
  client& join(std::string_view id, std::string_view project = "p", std::string_view name = {},
               const std::string& peer = "192.0.2.1");

  /// A new client that has registered in the extended dialect, in project p; `resume` is JSON.
  client& join_extended(std::string_view id, std::string_view resume = {});

  /// Runs until nothing is left to do without time passing. Says how many messages actors handled.
  std::size_t run();
  /// Does one thing that is to be done, a random one; says whether there was any.
  bool step(std::mt19937& random);
  /// Has one actor handle its next message; the test fails where it has none.
  void run_next(const caf::strong_actor_ptr& actor);
  template<class Handle>
  void run_next(const Handle& actor) {
    run_next(caf::actor_cast<caf::strong_actor_ptr>(actor));
  }
  /// Runs until nothing is left to do but for `actor`, as while it waits for the disk.
  void run_all_but(const caf::strong_actor_ptr& actor);
  template<class Handle>
  void run_all_but(const Handle& actor) {
    run_all_but(caf::actor_cast<caf::strong_actor_ptr>(actor));
  }
  /// Runs, lets time pass in one go, and runs.
  void advance(std::chrono::milliseconds time);
  /// Time passes, in which `actor` has no turn.
  template<class Handle>
  void advance_all_but(const Handle& actor, std::chrono::milliseconds time) {
    run_all_but(actor);
    scheduler_.advance_time(time);
    run_all_but(actor);
  }

  /// A reload: others may come in from now on.
  void set_access(access_rules rules);

  /// Actors are asked to end as if by a fault, after what is in their mailboxes.
  void kill_shard(std::size_t index);
  /// Ends the archive as if by a fault.
  void kill_archive();
  /// Asks the archive to end, as when the service stops.
  void stop_archive();
  void kill_readers();
  /// The server's wall clock, ms since 1970 UTC; stands still unless a test sets it.
  std::int64_t& wall_clock() { return wall_clock_; }
  /// How many timers run.
  std::size_t timers() const { return scheduler_.clock().schedule().size(); }
  const actors::archive_access& archive() const { return *chat_.archive; }
  static void kill(const connection_actor& connection);

  /// The shards at the start.
  const directory_table& shards() const { return *chat_.directory; }
  const supervisor_actor& supervisor() const { return chat_.supervisor; }
  caf::actor_system& system() { return system_; }
  /// What all connections and shards have counted, and what the archive and its readers have.
  const worker_counters& counted() const { return counters_; }
  const store_counters& counted_of_store() const { return store_counters_; }
  caf::scheduler::test_coordinator& scheduler() { return scheduler_; }
  caf::execution_unit& home(std::size_t index) { return *homes_[index % homes_.size()]; }

  /// The first of `user-N`, `user-N+1`, … in that shard.
  std::string user_in_shard(std::size_t index, std::string_view project = "p", int from = 0) const;

private:
  struct testing_config;

  /// The time that passes in `advance`.
  clock virtual_clock();

  std::shared_ptr<store::message_store> store_;
  std::int64_t wall_clock_ = 1'000'000;
  worker_counters counters_;
  store_counters store_counters_;
  std::unique_ptr<testing_config> config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  std::vector<std::unique_ptr<caf::scoped_execution_unit>> homes_;
  limits allowed_;
  decoder frames_;
  actors::rate_table users_;
  actors::failure_limit failures_;
  actors::guest_limit new_guests_;
  actors::chat_actors chat_;
  std::unique_ptr<actors::connection_scope> scope_;
  std::vector<std::unique_ptr<client>> clients_;
};

/// The key that a client registers under.
user_key key_of(std::string_view id, std::string_view project = "p");

/// Whether nobody but `handle` itself refers to the actor.
bool is_forgotten(const connection_actor& handle);

} // namespace klatch::test
