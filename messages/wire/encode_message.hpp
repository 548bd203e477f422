/// Messages, and what their senders are told of them, as frames.
#pragma once

#include "messages/frame.hpp"
#include "messages/stored_message.hpp"
#include "messages/wire/commands.hpp"

#include <cstdint>
#include <string_view>

namespace klatch {

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

/// Stands before the names of guests where a client does not know the field `role`. Other names may
/// begin with it too: whose name does not is no guest.
inline constexpr std::string_view guest_mark = "~";

/// `{"type":"usermsg","name":…,"message":…,"color":…,"from":…,"to":…}`, and `"role":"guest"` if it
/// is a guest's, here and below. Expects valid UTF-8.
frame encode(const usermsg& message);
/// The same for plain clients: a guest's name has its mark.
frame encode(const message_content& message);
/// Returns a frame of `encode(usermsg)` that is a guest's, for plain clients.
frame with_guest_mark(const frame& guests);

/// The same with `"mid":"9","n":3,"seq":12,"ts":…`, where `seq` is the number in the inbox of the
/// user who is sent it.
frame encode(const usermsg& message, const message_numbers& numbers, std::uint64_t seq);
frame encode(const stored_message& message, std::uint64_t seq);

/// `{"type":"ack","cid":…,"ref":…,"mid":…,"n":…,"seq":…,"ts":…}`; without the keys that are empty.
/// To the sender, so `seq` is that of the sender's inbox.
frame encode_ack(const frame_key& of, const message_numbers& numbers);

/// `{"type":"ack","cid":…,"ref":…,"ts":…}`: handed on; nothing is stored.
frame encode_ack(const frame_key& of, std::int64_t ts);

enum class receipt_kind : std::uint8_t { delivered, read };

/// `{"type":"receipt","kind":…,"with":…,"n":…,"by":…}`: `by` has, or has read, the conversation
/// with `with` up to `n`.
frame encode_receipt(receipt_kind kind, std::string_view with, std::uint64_t n,
                     std::string_view by);

} // namespace klatch
