/// Pages of what is stored, as frames. `ref`: of the query; empty: none.
#pragma once

#include "messages/frame.hpp"
#include "messages/stored_message.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/encode_message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace klatch {

/// `{"type":"history","ref":…,"with":…,"messages":[…],"more":…}`, a message at a time.
class history_writer {
public:
  explicit history_writer(const history_query& asked, std::string_view ref = {});
  void add(const usermsg& message, const message_numbers& numbers);
  void add(const stored_message& message);
  frame finish(bool more);

private:
  std::string out_;
  bool first_ = true;
};

/// The numbers of a conversation in a user's list.
struct conversation_marks {
  std::uint64_t unread = 0;
  std::uint64_t read = 0;
  std::uint64_t peer_read = 0;
  std::uint64_t peer_delivered = 0;
};

/// How the other side of a conversation is shown.
struct peer_profile {
  std::string_view name;
  std::string_view color;
};

/// `{"type":"conversations","ref":…,"conversations":[{"with":…,"peer":{…},"last":{…},"unread":…,…}],
/// "more":…}`, a conversation at a time.
class conversations_writer {
public:
  explicit conversations_writer(std::string_view ref = {});
  void add(std::string_view with, const peer_profile& peer, const usermsg& last,
           const message_numbers& numbers, const conversation_marks& marks);
  void add(std::string_view with, const peer_profile& peer, const stored_message& last,
           const conversation_marks& marks);
  /// What the answer has so far, in bytes.
  std::size_t bytes() const noexcept { return out_.size(); }
  frame finish(bool more);

private:
  std::string out_;
  bool first_ = true;
};

/// Returns the answer of a server that stores nothing.
frame encode_empty_answer(const query& asked, std::string_view ref);

} // namespace klatch
