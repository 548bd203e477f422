/// What a message says, who wrote it, and where.
#pragma once

#include "messages/conversation_id.hpp"
#include "messages/ids.hpp"

#include <string>

namespace klatch {

/// Held by what is to be stored and by what has been: a new field of messages is added here, and
/// where it is read from a frame, written to one, or written to a store.
struct message_content {
  project_id project;
  user_id from;
  conversation_id conversation; ///< `from` takes part in it
  std::string cid;              ///< the sender's key for it; empty: none
  std::string name;
  std::string color;
  std::string text;

  /// The user to whom it is written.
  const user_id& to() const noexcept { return conversation.peer_of(from); }

  friend bool operator==(const message_content&, const message_content&) = default;
};

} // namespace klatch
