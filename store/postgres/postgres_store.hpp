/// A lane of a store that is kept in PostgreSQL.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/postgres_node.hpp"

#include <memory>

namespace klatch::store {

/// One of any number that write to the same tables, each with a connection of its own, on which
/// every function waits. Connects when it is first used.
std::unique_ptr<message_store> make_postgres_store(std::shared_ptr<postgres_node> node);

} // namespace klatch::store
