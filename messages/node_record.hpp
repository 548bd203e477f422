/// What nodes ask and tell each other of users: who has devices where, who has left, and messages
/// that are not stored.
#pragma once

#include "messages/frame.hpp"
#include "messages/ids.hpp"

#include <cstdint>
#include <variant>

namespace klatch {

/// Why a node asks who has devices of a user: somebody writes to them, or their last device there
/// has been gone for a while.
enum class question_reason : std::uint8_t { lookup = 1, departure = 2 };

/// To all nodes, each of which answers.
struct bus_question {
  user_key user;
  std::uint64_t number = 0; ///< of the node that asks; goes back in the answers
  question_reason reason = question_reason::lookup;

  friend bool operator==(const bus_question&, const bus_question&) = default;
};

/// To the node that asked, as the incarnation `asker`.
struct bus_answer {
  user_key user;
  std::uint64_t asker = 0;
  std::uint64_t number = 0;
  /// The node that answers has devices of the user, or will say itself that the user has left.
  bool has = false;
  std::uint64_t connected = 0; ///< of a departure: connections of the user's project at that node

  friend bool operator==(const bus_answer&, const bus_answer&) = default;
};

/// The user has left all nodes: `text` goes to every device of the project.
struct bus_notice {
  user_key user;
  frame text;
};

/// What a node says of its own devices of a user. `arrived`: there are some now, and who has others
/// says so; `here`: there are some.
enum class presence : std::uint8_t { arrived = 1, here = 2, gone = 3 };

struct bus_presence {
  user_key user;
  presence what = presence::arrived;

  friend bool operator==(const bus_presence&, const bus_presence&) = default;
};

/// A message that is not stored, for every device of the user.
struct bus_delivery {
  user_key user;
  frame text; ///< a `usermsg`
};

/// `from` writes to the user, a guest, who may answer.
struct bus_introduction {
  user_key user;
  user_id from;

  friend bool operator==(const bus_introduction&, const bus_introduction&) = default;
};

/// In the order of their kinds.
using node_record = std::variant<bus_question, bus_answer, bus_notice, bus_presence, bus_delivery,
                                 bus_introduction>;

/// The user whom a record is about.
inline const user_key& user_of(const node_record& record) noexcept {
  return std::visit([](const auto& each) -> const user_key& { return each.user; }, record);
}

} // namespace klatch
