/// A lot of traffic, once.
#pragma once

#include "bench/load/swarm.hpp"

#include <cstddef>

namespace load {

/// Has each client write at least `bytes` of text to the next, in messages of 8, 16 and 32 KiB and
/// a few clients at a time, so that each receives as much too. Plain clients. Throws `failure`
/// unless each message arrives once, whole and in order.
void send_bulk(swarm& clients, std::size_t bytes);

} // namespace load
