/// What is sent to and by those who store messages and read what is stored.
#pragma once

#include "messages/dialect.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/inbox_messages.hpp"
#include "messages/interfaces.hpp"
#include "messages/queries.hpp"
#include "messages/stored_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace klatch {

struct stored {
  /// One inbox's view of a message.
  struct entry {
    stored_message_ptr what;
    inbox_place in;
    connection_actor origin; ///< the sender's device, if this is the sender's inbox; else null
    std::optional<frame> ack = {};                   ///< for `origin`, if its frame had a `ref`
    std::chrono::steady_clock::time_point came = {}; ///< to the service, from `origin`
  };
  std::vector<entry> entries; ///< each inbox's in their order
};

struct push {
  user_key user;
  frame text;
  connection_actor except; ///< that device knows already; may be null
};

struct store_message {
  message_content content;
  std::string ref;                                 ///< of the frame, goes back in its answer
  connection_actor origin;                         ///< gets the answer
  std::chrono::steady_clock::time_point came = {}; ///< when its frame was handled
  bool only_in_answer = false;                     ///< as `store::new_message`
};

struct mark_read {
  user_key reader;
  user_id with;
  std::uint64_t n;
  connection_actor origin;
  std::string ref = {}; ///< goes back where the mark is not taken
};

struct mark_received {
  user_key user;
  std::uint64_t seq;
};

/// By the plain clients of the user, which do not say themselves what they have received.
struct mark_legacy_delivered {
  user_key user;
  std::uint64_t seq;
};

/// Has passed the archive's limit, with as many bytes as its texts have.
struct note_profile {
  user_key user;
  std::string name;
  std::string color;
};

struct commit_due {};

struct marking_due {};

struct upkeep_due {};

struct open_inbox {
  user_key user;
  std::optional<resume_point> resume;
  connection_actor asker;
};

struct read_inbox {
  user_key user;
  std::uint64_t after;
  dialect speaks;
  connection_actor asker;
};

struct run_query {
  user_key user;
  query what;
  std::string ref; ///< goes back in the answer
  connection_actor asker;
};

/// Ids that no new user gets, and that a store of an older version may have.
struct resolve_ids {
  std::optional<project_id> written; ///< a project as a frame has it, where that is unusual
  std::optional<project_id> spelled; ///< the project where that one is not stored; nothing: none
  std::optional<user_id> user;       ///< a user of that project as the frame has it
  connection_actor asker;
};

struct reading_due {};

} // namespace klatch
