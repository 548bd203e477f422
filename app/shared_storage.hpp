/// What machines that share a store or a bus need. A build with `KLATCH_CLUSTER=OFF` has
/// without_cluster.cpp in the place of all that: there the settings that lead here are refused.
#pragma once

#include "app/config.hpp"
#include "app/storage.hpp"
#include "messages/ids.hpp"
#include "store/postgres/postgres_options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace klatch::app {

/// A store in PostgreSQL, and what joins the nodes that share it. Throws `store::cannot_open`, or
/// `config_error` for a bus that can never be one.
storage open_shared_storage(const config& options);

/// Nothing is stored, and NATS joins this node to others like it. Throws `config_error`.
storage join_without_store(const config& options);

/// The database that the store is in, which is one of PostgreSQL's.
store::postgres_options database_of(const config& options);

/// What a store was found to be.
struct store_findings {
  std::string place;               ///< as messages for people name it
  std::vector<std::string> faults; ///< a sentence for each
};

/// What is wrong with a store in PostgreSQL. Throws as `store::check_postgres` does.
store_findings check_shared_store(const config& options);

/// Has tokens from before now not count at any node that uses the store: those of `user`, or
/// without one those of all guests. Returns where that store is. Throws `config_error`.
std::string revoke_in_store(const config& options, const std::optional<user_key>& user);

} // namespace klatch::app
