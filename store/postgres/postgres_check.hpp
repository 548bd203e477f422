/// What has to be true of a store that is kept in PostgreSQL.
#pragma once

#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_options.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace klatch::store {

/// Looks for what is wrong with the store, also while services use it: reads one state of it.
/// Returns a sentence for each, a hundred at most. Changes nothing. Throws `cannot_open` if the URL
/// is none or what is there is no store that this Klatch can use, `unavailable` if it cannot be
/// read.
std::vector<std::string> check_postgres(const postgres_options& options);

/// Where that store is, as messages for people name it: hosts and database.
std::string server_of(const postgres_options& options);

/// The same within the transaction that `server` is in; `most` at most. The server sorts all
/// messages some times, on its disk; what comes from there is what is wrong, and names in pieces.
std::vector<std::string> find_faults(postgres_connection& server, std::size_t most);

} // namespace klatch::store
