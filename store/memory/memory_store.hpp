/// A store that keeps everything in memory, for as long as the process lives.
#pragma once

#include "store/message_store.hpp"

#include <memory>
#include <string>

namespace klatch::store {

/// The simplest store that does all a store has to: what the others are compared with. Grows with
/// every message, but for what `trim` forgets.
std::unique_ptr<message_store> make_memory_store(std::string epoch = "memory");

} // namespace klatch::store
