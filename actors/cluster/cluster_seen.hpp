/// What the lease keeper tells the herald.
#pragma once

#include "store/membership.hpp"

namespace klatch {

/// Which nodes have a lease now, and which one is this.
struct cluster_seen {
  store::cluster_view view;
};

} // namespace klatch
