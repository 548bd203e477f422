/// NATS as the bus of a cluster.
#pragma once

#include "actors/cluster/bus_link.hpp"
#include "net/bus/nats_address.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace klatch::net {

struct nats_bus_options {
  nats_address address;
  /// Of 1 to 64 letters, digits, "-" and "_": nodes of another name neither hear nor are heard. The
  /// subject is `klatch.NAME`.
  std::string cluster;
  std::string node = {}; ///< the name of the connection, for people
  /// Most that may wait to be sent: refused beyond.
  std::size_t max_queued_bytes = 4 * 1024 * 1024;
  /// Most that may wait to be heard: dropped beyond, and told by `on_lost`.
  std::size_t max_pending_bytes = 16 * 1024 * 1024;
  /// For each server, while it is tried.
  std::chrono::milliseconds connect_timeout{1000};
};

/// Throws `std::invalid_argument` if the name of the cluster is none.
///
/// Frames go straight to the servers, by a thread of the link; another one hears. A link that has
/// connected is known by the server it is connected to. Servers tell each other a little later, so
/// that frames of nodes at other servers may be missed for some milliseconds after `on_state(true)`
/// and have to be found by their counts.
std::unique_ptr<actors::bus_link> make_nats_bus(nats_bus_options options);

} // namespace klatch::net
