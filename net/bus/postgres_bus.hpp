/// PostgreSQL as the bus of a cluster: NOTIFY and LISTEN.
#pragma once

#include "actors/cluster/bus_link.hpp"
#include "store/postgres/postgres_options.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace klatch::net {

/// A payload has fewer than 8,000 bytes, and is base64 here.
inline constexpr std::size_t max_postgres_frame_bytes = 5'900;

struct postgres_bus_options {
  /// The database whose nodes hear each other; with the time-outs of this link, which are shorter
  /// than those of a store: a bus that is late is no use.
  store::postgres_options database;
  /// Of 1 to 63 lower-case letters, digits and "_", no digit first.
  std::string channel = "klatch_bus";
  /// Most that may wait to be sent: refused beyond.
  std::size_t max_queued_bytes = 4 * 1024 * 1024;
  /// For an answer, when the connection is given up. A server that is silent is noticed when
  /// something is published.
  std::chrono::milliseconds call_timeout{2'000};
};

/// Throws `std::invalid_argument` if the channel is none, and `store::cannot_open` if the URL is
/// none.
///
/// One connection and one thread, which publishes after whatever was committed before, in
/// transactions of its own that wait for no disk, and hears on the same connection. Of frames
/// with the same bytes that wait together the others hear one.
std::unique_ptr<actors::bus_link> make_postgres_bus(postgres_bus_options options);

} // namespace klatch::net
