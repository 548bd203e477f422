/// What is sent to and by those who store messages and read what is stored.
#pragma once

#include "messages/dialect.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/interfaces.hpp"
#include "messages/queries.hpp"
#include "messages/stored_message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace klatch {

struct inbox_entry {
  stored_message_ptr what;
  std::uint64_t seq;         ///< in the inbox of this device's user
  bool own;                  ///< this device has sent it
  std::optional<frame> text; ///< in the extended dialect; nothing for the device that has sent it
};

struct duplicate {
  std::uint64_t seq; ///< of the entry in the sender's inbox
  frame ack;         ///< the first one again
};

struct store_failed {
  std::string cid;
};

struct mark_failed {
  std::string ref; ///< of the frame that set it
};

struct delivery_due {};

struct inbox_opened {
  std::uint64_t head;  ///< the last entry; 0: none yet
  std::uint64_t floor; ///< the first that is still there
  std::uint64_t taken; ///< what the plain clients have taken
  bool continues;      ///< what was to be resumed is of this log, up to where it was
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

/// The store could not be read.
struct read_failed {
  enum class part : std::uint8_t {
    inbox, ///< whether to open it or a page of it
    query,
    ids
  };
  part of;
};

struct stored {
  /// One inbox's view of a message.
  struct entry {
    stored_message_ptr what;
    connection_actor origin; ///< the sender's device, where this is the sender's inbox; else null

    bool of_sender() const noexcept { return origin != nullptr; }
    const user_id& owner() const noexcept {
      return of_sender() ? what->content.from : what->content.to();
    }
    std::uint64_t seq() const noexcept {
      return of_sender() ? what->numbers.from_seq : what->numbers.to_seq;
    }
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
  connection_actor origin; ///< to be told
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

/// Has passed the archive's gate, with as many bytes as its texts have.
struct note_profile {
  user_key user;
  std::string name;
  std::string color;
};

struct commit_due {};

struct marking_due {};

struct tidy_due {};

struct marks_due {};

struct trim_due {};

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

struct read_history {
  user_key user;
  user_id with;
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  unsigned limit;
  std::string ref; ///< goes back in the answer
  connection_actor asker;
};

struct read_conversations {
  user_key user;
  conversations_query what;
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
