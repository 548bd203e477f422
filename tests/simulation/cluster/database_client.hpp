/// What a node has of the database: what stands for store/postgres.
#pragma once

#include "store/membership.hpp"
#include "store/message_store.hpp"
#include "tests/simulation/cluster/database.hpp"
#include "tests/simulation/threads.hpp"

#include <cstddef>
#include <memory>

namespace klatch::simulation {

/// Of one start of a node. Calls take their time: where they are made on fibers, others have their
/// turns meanwhile. What PostgreSQL and `postgres_store` promise holds: who has no lease takes a
/// new one before it writes; a batch whose answer is lost is asked for again for ten seconds, and
/// not stored twice; then it is `uncertain`, or, if it cannot have been done, `unavailable`.
class database_client {
public:
  database_client(database& shared, std::size_t node, threads& waits);
  ~database_client();
  database_client(database_client&&) = delete;
  database_client& operator=(database_client&&) = delete;

  /// Those must not outlive it.
  std::unique_ptr<store::message_store> make_lane();
  std::shared_ptr<store::membership> make_membership();

  /// The process is no more: what it has asked for may be done, what it still asks is not.
  void die() noexcept;

private:
  struct session;
  class lane;
  class reader;
  class lease;

  std::unique_ptr<session> session_;
};

} // namespace klatch::simulation
