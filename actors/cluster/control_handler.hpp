/// Who follows what operators say to all nodes.
#pragma once

#include <cstdint>
#include <functional>

namespace klatch::actors {

/// Is called after each renewal of the lease, on the thread that renews it, with the number of
/// `store::cluster_view::control`. May ask the store, and throw `store::unavailable`: the next call
/// comes with the next renewal all the same.
using control_handler = std::function<void(std::uint64_t number)>;

} // namespace klatch::actors
