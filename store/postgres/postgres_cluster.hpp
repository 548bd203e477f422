/// A node's part of a cluster: a store that is kept in PostgreSQL, which others use too.
#pragma once

#include "store/membership.hpp"
#include "store/message_store.hpp"
#include "store/postgres/postgres_options.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace klatch::store {

class postgres_node;

/// Every function may be called on any thread. What it makes may outlive it.
class postgres_cluster {
public:
  explicit postgres_cluster(std::shared_ptr<postgres_node> node);
  ~postgres_cluster();
  postgres_cluster(postgres_cluster&&) noexcept;
  postgres_cluster& operator=(postgres_cluster&&) noexcept;

  /// A lane: writes on a thread of its own. As many as there are may be used at once.
  std::unique_ptr<message_store> make_store();
  /// A reader that needs no lane.
  std::unique_ptr<message_reader> make_reader();
  /// The node's lease; one is to be used. Without it, the first lane that writes takes a lease that
  /// nobody renews. `name`: host:port, for people; `speaks`: the highest version of the bus's
  /// frames.
  std::unique_ptr<membership> make_membership(std::string name, unsigned speaks);

  /// Names the database for ever, on whatever servers it is: 32 hexadecimal digits.
  std::string id() const;
  /// As `message_store::epoch`.
  std::string epoch() const;
  /// Under which the lanes write; 0: there is no lease.
  std::uint64_t incarnation() const noexcept;

private:
  std::shared_ptr<postgres_node> node_;
};

/// Makes the tables if there are none. Throws `cannot_open` if the server cannot be reached, or the
/// database is not fit.
postgres_cluster open_postgres_cluster(postgres_options options);

} // namespace klatch::store
