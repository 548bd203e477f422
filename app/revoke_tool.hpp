/// `klatch revoke`: what a user was given before now does not count.
#pragma once

namespace klatch::app {

/// Writes into the store where that is PostgreSQL's, which all nodes follow, and else into the
/// folder of the keys. Returns the exit status: 0 done, 2 it cannot be done; says why on standard
/// error.
int run_revoke(int argc, const char* const* argv);

} // namespace klatch::app
