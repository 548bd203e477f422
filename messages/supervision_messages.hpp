/// What is sent to and by the supervisor, and on behalf of it.
#pragma once

#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>

namespace klatch {

struct directory_changed {
  directory_table_ptr table;
  supervisor_actor answer_to = {}; ///< with table_taken; null: with nothing
};

struct inboxes_moved {};

struct going_away {};

struct reader_lost {};

struct watch {
  connection_actor connection;
  std::uint64_t table_version; ///< of the directory table that it was started with
};

struct drain {
  std::uint64_t grace_ms;
};

struct drain_over {};

struct table_taken {
  std::uint64_t version;
};

struct connections_due {
  std::uint64_t version; ///< of the table that they are told of, if no later one
};

} // namespace klatch
