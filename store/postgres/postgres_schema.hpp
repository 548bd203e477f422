/// The tables in PostgreSQL, and the functions that write to them.
///
/// `message` is the truth: a row a message, with all its numbers. An inbox is two of its indexes
/// merged: what a user has sent, and what has been sent to it. `counter` has a row for each user
/// (`last`: the last entry of the inbox) and each conversation (`last`: its last n). What clients
/// have written is `bytea`, since `text` cannot hold U+0000.
#pragma once

#include "store/postgres/postgres_connection.hpp"

namespace klatch::store {

/// The version of the tables that this program knows.
inline constexpr std::int64_t postgres_schema_version = 1;

/// What is run on connections that write. Rows are found, and locked, one by one in the order in
/// which they are asked for: no plan may be another, or two writers could wait for each other. Nor
/// is a plan made anew for each small batch, which takes as long as the batch itself.
inline constexpr const char* writing_session =
    "SET lock_timeout='3s'; SET plan_cache_mode=force_generic_plan; SET jit=off; "
    "SET enable_seqscan=off; SET enable_hashjoin=off; SET enable_mergejoin=off; SELECT "
    "set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit')='off'";

/// Makes the tables and functions if there are none, and gives the store an epoch; several nodes
/// may do so at once. Throws `cannot_open` if the database is not Klatch's, or of a newer version;
/// and `unavailable`.
void prepare_database(postgres_connection& server);

} // namespace klatch::store
