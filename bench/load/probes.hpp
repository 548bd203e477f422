/// Checks that clients are all still there.
#pragma once

#include "bench/load/extended_dialect.hpp"
#include "bench/load/swarm.hpp"

namespace load {

/// Throws `failure` unless a message from each client reaches the next. Plain clients.
void probe_plain(swarm& clients);

/// The same with extended clients, and with its `ack`.
void probe_extended(swarm& clients, extended_clients& identities);

} // namespace load
