/// What this node says of itself to the others.
#pragma once

#include "store/membership.hpp"

#include <atomic>

namespace klatch::actors {

/// Set by whoever knows, read by whoever renews the lease, on any thread.
struct node_signs {
  std::atomic<bool> hears{false};
  std::atomic<bool> draining{false};

  store::node_state state() const noexcept {
    return {.hears = hears.load(std::memory_order_relaxed),
            .draining = draining.load(std::memory_order_relaxed)};
  }
};

} // namespace klatch::actors
