/// What the archive and its readers tell a connection. Without actors in it.
#pragma once

#include "messages/errors.hpp"
#include "messages/frame.hpp"
#include "messages/stored_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace klatch {

struct inbox_entry {
  stored_message_ptr what;
  std::uint64_t seq; ///< in the inbox of this device's user
  bool own;          ///< this device has sent it
  /// What an extended client is sent: the message; for the device that has sent it, the
  /// acknowledgement if its frame had a `ref`, and nothing if the device can make it itself.
  std::optional<frame> text;
  std::chrono::steady_clock::time_point came = {}; ///< if `own`: when its frame was handled
};

struct duplicate {
  std::uint64_t seq; ///< of the entry in the sender's inbox
  frame ack;         ///< the first one again
};

struct store_failed {
  std::string cid;
  std::string ref; ///< of the frame that was not stored
  error_code code; ///< why
};

struct mark_failed {
  std::string ref; ///< of the frame that set it
};

struct delivery_due {};

struct held_due {};

struct read_again {};

struct inbox_opened {
  std::uint64_t head;             ///< the last entry; 0: none yet
  std::uint64_t floor;            ///< the first that is still there
  std::uint64_t legacy_delivered; ///< the last entry that plain clients have been sent
  bool continues;                 ///< what was to be resumed is of this log, up to where it was
};

struct inbox_page {
  struct entry {
    std::uint64_t seq;
    frame text;
    bool wanted; ///< false: nothing for that dialect
  };
  std::vector<entry> entries; ///< in the order of seq, without a gap
};

struct query_result {
  frame text;
};

/// What is stored as it was asked for.
struct ids_resolved {
  bool project;
  bool user;
};

/// The store could not be read: the answer in the place of another one.
struct read_failed {
  enum class part : std::uint8_t {
    inbox, ///< where it stands
    page,  ///< of an inbox
    client_query,
    ids
  };
  part of;
};

} // namespace klatch
