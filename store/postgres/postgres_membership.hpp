/// This node's lease in PostgreSQL, as the cluster sees it.
#pragma once

#include "store/membership.hpp"
#include "store/postgres/postgres_node.hpp"

#include <memory>
#include <string>

namespace klatch::store {

/// `name`: host:port, for people. What it reads of the store's epoch, the lanes of the node have
/// too.
std::unique_ptr<membership> make_postgres_membership(std::shared_ptr<postgres_node> node,
                                                     std::string name, unsigned speaks);

} // namespace klatch::store
