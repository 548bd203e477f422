/// The wire protocol: bytes of a text frame to a command and back.
#pragma once

#include "messages/frame.hpp"
#include "messages/limits.hpp"
#include "messages/stored_message.hpp"
#include "messages/wire/command_table.hpp"
#include "messages/wire/commands.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace klatch {

/// Decodes frames one after the other. Not thread-safe: one for each worker thread.
class decoder {
public:
  explicit decoder(const limits& allowed);
  decoder(decoder&&) noexcept;
  decoder& operator=(decoder&&) noexcept;
  ~decoder();

  /// What `text`, a whole text message in valid UTF-8, says in that dialect. The result's views
  /// stay valid until the next call. Never throws for bad input: that is a `fault`. Without
  /// `known` a frame that depends on it is `unusual_ids`, and only then.
  decoded_frame decode(std::string_view text, dialect speaks = dialect::plain,
                       std::optional<as_written> known = as_written{});

  /// The two steps of `decode`, for whoever bounds the second, which takes some twenty times as
  /// long: nothing where the text has to be looked at by `decode_slowly`, and what that finds.
  std::optional<decoded_frame> decode_fast(std::string_view text, dialect speaks,
                                           std::optional<as_written> known);
  decoded_frame decode_slowly(std::string_view text, dialect speaks,
                              std::optional<as_written> known);

private:
  struct implementation;
  std::unique_ptr<implementation> self_;
};

/// A message as its recipients see it.
struct usermsg {
  std::string_view name;
  std::string_view message;
  std::string_view color;
  std::string_view from;
  std::string_view to;
};

/// Valid for as long as `content` stays as it is.
usermsg view_of(const message_content& content) noexcept;

/// `{"type":"usermsg","name":…,"message":…,"color":…,"from":…,"to":…}`. Expects valid UTF-8.
frame encode(const usermsg& message);
frame encode(const message_content& message);

/// The same with `"mid":"9","n":3,"seq":12,"ts":…`, where `seq` is the number in the inbox of the
/// user who is sent it.
frame encode(const usermsg& message, const message_numbers& numbers, std::uint64_t seq);
frame encode(const stored_message& message, std::uint64_t seq);

/// `{"type":"system","message":"Initial message received"}`, to the letter.
const frame& acknowledgement();

/// `{"type":"system","message":"LABEL disconnected","id":…}`: the user `id` has left.
frame encode_departure(std::string_view label, std::string_view id);

/// What a client is told of an error.
struct error_report {
  error_code code;
  std::string_view text = {}; ///< for people; empty: the table's own text
  frame_key about = {};       ///< of the frame that it is about
  std::string_view to = {};   ///< the recipient that it is about
  std::optional<std::chrono::milliseconds> retry = std::nullopt;
};

/// Plain: `{"type":"system","message":…,"error":CODE}`; extended:
/// `{"type":"error","code":CODE,"message":…,"cid":…,"ref":…,"temporary":…}`; and `to` and
/// `retry_ms` where the report has them.
frame encode_error(dialect speaks, const error_report& report);

/// That the recipient is not there: `5 is not connected`.
frame encode_not_connected(dialect speaks, std::string_view to, const frame_key& about = {});

// -- the extended dialect: `ref` is that of the frame that is answered ----------------------------

/// The answer to a registration.
struct welcome {
  std::string_view id;
  std::string_view epoch = {}; ///< empty: nothing is stored
  std::uint64_t head = 0;
  std::uint64_t floor = 1;
  bool recovered = false;
  std::chrono::seconds ping_every{25};
};

/// `{"type":"welcome","ref":…,"v":2,…,"limits":{…}}`
frame encode(const welcome& what, const limits& allowed, std::string_view ref = {});

/// `{"type":"ack","cid":…,"ref":…,"mid":…,"n":…,"seq":…,"ts":…}`; without the keys that are empty.
/// To the sender, so `seq` is that of the sender's inbox.
frame encode_ack(const frame_key& of, const message_numbers& numbers);

/// `{"type":"ack","cid":…,"ref":…,"ts":…}`: handed on, where nothing is stored.
frame encode_ack(const frame_key& of, std::int64_t ts);

enum class receipt_kind : std::uint8_t { delivered, read };

/// `{"type":"receipt","kind":…,"with":…,"n":…,"by":…}`: `by` has, or has read, the conversation
/// with `with` up to `n`.
frame encode_receipt(receipt_kind kind, std::string_view with, std::uint64_t n,
                     std::string_view by);

/// `{"type":"pong","ref":…}`
frame encode_pong(std::string_view ref = {});

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

/// What a user's list says of a conversation.
struct conversation_marks {
  std::uint64_t unread = 0;
  std::uint64_t read = 0;
  std::uint64_t peer_read = 0;
  std::uint64_t peer_delivered = 0;
};

/// What the other side of a conversation is called.
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

} // namespace klatch
