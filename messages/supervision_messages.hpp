/// What is sent to and by the supervisor, and on behalf of it.
#pragma once

#include "messages/departure_notices.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace klatch {

struct directory_changed {
  directory_table_ptr table;
  supervisor_actor answer_to = {}; ///< with table_taken; null: with nothing
};

struct inboxes_moved {};

/// When a client is to come back, and whether one that cannot be told so goes now.
struct going_away {
  std::uint64_t reconnect_ms; ///< told to extended clients
  bool plain_too;             ///< false: plain clients, once registered, stay for now
};

struct reader_lost {};

struct watch {
  connection_actor connection;
  std::uint64_t table_version; ///< of the directory table that it was started with
};

struct drain {
  std::uint64_t grace_ms;       ///< the most that it takes
  std::uint64_t reconnect_rate; ///< clients a second that are to come back; not 0
};

struct drain_due {};

struct drain_over {};

struct table_taken {
  std::uint64_t version;
};

/// As in `directory_options`, from now on.
struct use_directory_settings {
  departure_notices announces;
  std::size_t max_devices;
  bool log_addresses;
};

/// As in `archive_options`, from now on.
struct use_archive_settings {
  std::optional<std::chrono::milliseconds> retain;
  std::uint64_t min_free; ///< bytes that the store leaves on its disk
};

/// The archive calls `answer`, on its thread, when it has come to this: for who wants to know
/// whether it is stuck.
struct are_you_there {
  std::function<void()> answer;
};

struct connections_due {
  std::uint64_t version; ///< of the table that they are told of, if no later one
};

} // namespace klatch
