/// A message that has been stored.
#pragma once

#include "messages/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace klatch {

/// Immutable; shared by all to whom it is delivered, on whatever thread they are.
struct stored_message {
  project_id project;
  user_id from;
  user_id to;
  std::string cid; ///< the sender's key for it; empty: none
  std::string name;
  std::string color;
  std::string text;
  std::uint64_t mid = 0;
  std::uint64_t n = 0;        ///< in its conversation
  std::uint64_t from_seq = 0; ///< in the sender's inbox
  std::uint64_t to_seq = 0;   ///< in the recipient's; the same for a message to oneself
  std::int64_t ts = 0;        ///< ms since 1970 UTC
};

using stored_message_ptr = std::shared_ptr<const stored_message>;

} // namespace klatch
