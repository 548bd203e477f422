/// What the service can be told.
#pragma once

#include "actors/archive/pending_limit.hpp"
#include "app/key_set_counters.hpp"
#include "messages/departure_notices.hpp"
#include "net/options.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>

namespace klatch::app {

struct service_options {
  std::size_t threads = 1;
  departure_notices announce = departure_notices::name;
  /// Most devices of a user; 0: any number.
  std::size_t max_per_user = 50;
  /// How long messages are kept; nothing: for ever.
  std::optional<std::chrono::milliseconds> retain;
  actors::pending_limit::bounds may_wait;
  net::options network;
  /// How long the service says that it is not ready before it ends, in seconds.
  unsigned drain_wait = 0;
  /// How long the end of the service may take, in seconds.
  unsigned drain = 10;
  /// Clients a second that are asked to come back after it; not 0.
  unsigned reconnect_rate = 2'000;
  std::filesystem::path store_file; ///< whose size is told to operators; empty: there is none
  /// Told to operators; null: there is none. Outlives the service.
  const key_set_counters* key_set = nullptr;
};

} // namespace klatch::app
