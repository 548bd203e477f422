/// A message that has been stored.
#pragma once

#include "messages/message_content.hpp"

#include <cstdint>
#include <memory>

namespace klatch {

/// What a store gives a message.
struct message_numbers {
  std::uint64_t mid = 0;      ///< its id; rises with time
  std::uint64_t n = 0;        ///< in its conversation: 1, 2, 3 … without gaps
  std::uint64_t from_seq = 0; ///< in the sender's inbox: 1, 2, 3 … without gaps
  std::uint64_t to_seq = 0;   ///< in the recipient's; the same for a message to oneself
  std::int64_t ts = 0; ///< when it was stored, ms since 1970 UTC; never falls in a conversation

  friend bool operator==(const message_numbers&, const message_numbers&) = default;
};

/// An entry of a user's inbox.
struct inbox_place {
  user_id owner;
  std::uint64_t seq = 0;

  friend bool operator==(const inbox_place&, const inbox_place&) = default;
};

/// Immutable once it is shared: by all to whom it is delivered, on whatever thread they are.
struct stored_message {
  message_content content;
  message_numbers numbers;

  friend bool operator==(const stored_message&, const stored_message&) = default;
};

using stored_message_ptr = std::shared_ptr<const stored_message>;

} // namespace klatch
