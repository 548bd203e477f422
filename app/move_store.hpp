/// `klatch move`: what was kept in a file goes on in PostgreSQL.
#pragma once

#include "app/config.hpp"

namespace klatch::app {

/// Moves the store of the data folder into the database that is named, and says on standard output
/// how far it is. The key of guests in the folder goes along. Returns the exit status: 1, and
/// nothing is moved, if what has come is not sound. Throws `config_error` for that key,
/// `store::cannot_open` if one of the two stores cannot be used so, `std::runtime_error` if either
/// fails on the way; then nothing is moved, or the error says that it is not known.
int move_store(const config& options);

} // namespace klatch::app
