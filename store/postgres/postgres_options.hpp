/// How a node uses its PostgreSQL database.
#pragma once

#include "messages/clock.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace klatch::store {

struct postgres_options {
  /// A URL as libpq takes it, with one host or several: `postgres://host1,host2/database?…`. What
  /// it does not say is added: sessions that may write only, keep-alives, time-outs, a name.
  std::string url;
  /// Named with the node's lease, for people.
  std::string node = "klatch";

  /// For all hosts of the URL together to be tried once.
  std::chrono::milliseconds connect_timeout{3'000};
  /// For an answer. Then the connection is given up, and nobody knows what became of the call.
  std::chrono::milliseconds call_timeout{5'000};
  /// So long an append whose outcome is unknown is asked again.
  std::chrono::milliseconds unknown_timeout{10'000};

  /// Users, and conversations, that a writer or a reader remembers.
  std::size_t cache_limit = 100'000;
  /// For deadlines.
  clock time = machine_clock();

  // What follows is for tests.

  /// Profiles are written so often at most.
  std::chrono::milliseconds profiles_interval{100};
  /// Messages are stamped with the `now` of `append`, not by the clock of the database.
  bool callers_time = false;
};

} // namespace klatch::store
