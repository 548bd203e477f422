/// What a store hands over when all that it holds is moved into another kind of store.
#pragma once

#include "messages/ids.hpp"
#include "store/message_store.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace klatch::store {

/// A user who has an inbox. Ids are those of the store that is moved: each row names one that has
/// been handed over before.
struct moved_user {
  std::uint64_t id = 0;
  user_key key;
  std::uint64_t head = 0;
  std::uint64_t delivered = 0;
  std::uint64_t legacy_delivered = 0;
};

/// A conversation. Of pairs, the first is of the user with the lower id.
struct moved_conversation {
  std::uint64_t id = 0;
  std::array<std::uint64_t, 2> users{};
  std::uint64_t head = 0;                   ///< the last n
  std::array<std::uint64_t, 2> sent{};      ///< they add up to `head`, forgotten ones too
  std::int64_t last_ts = 0;                 ///< of the last message
  std::array<std::uint64_t, 2> read{};      ///< marks
  std::array<std::uint64_t, 2> delivered{}; ///< marks
};

struct moved_message {
  std::uint64_t conversation = 0;
  std::uint64_t sender = 0;
  std::uint64_t recipient = 0;
  message_numbers numbers{};
  std::uint64_t sent = 0; ///< the sender's messages in the conversation up to this one
  std::optional<std::string> cid;
  std::string name;
  std::string color;
  std::string text;
};

struct moved_profile {
  user_key user;
  profile shown;
};

/// What holds for all of it.
struct moved_store {
  std::string epoch;
  std::uint64_t last_mid = 0; ///< the highest that was ever given
  std::uint64_t users = 0;
  std::uint64_t conversations = 0;
  std::uint64_t messages = 0;
  std::uint64_t profiles = 0;
  std::uint64_t last_user = 0; ///< the highest id of a user; 0: there is none
};

/// Hands over all that `from` has to `to`, and calls `on_message` after each message. Returns what
/// `to` finds wrong with it in the end.
template<class From, class To, class OnMessage>
std::vector<std::string> move_rows(From& from, To& to, OnMessage on_message) {
  from.each_user([&](const moved_user& one) { to.add(one); });
  from.each_conversation([&](const moved_conversation& one) { to.add(one); });
  from.each_message([&](const moved_message& one) {
    to.add(one);
    on_message();
  });
  from.each_profile([&](const moved_profile& one) { to.add(one); });
  return to.finish();
}

} // namespace klatch::store
