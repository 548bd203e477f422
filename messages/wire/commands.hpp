/// What a client may say, once decoded.
#pragma once

#include "messages/dialect.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/queries.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// Longest `cid` and longest `ref` that a client may choose, in bytes.
inline constexpr std::size_t max_key_bytes = 64;

/// How a client knows which of its frames is answered. Extended frames only; what a frame does not
/// have is empty.
struct frame_key {
  std::string_view cid; ///< names a send; kept with the message
  std::string_view ref; ///< names any frame; echoed in its answer or error and then forgotten
};

/// The same with texts of its own.
struct owned_key {
  std::string cid;
  std::string ref;

  frame_key view() const noexcept { return {cid, ref}; }
};

struct command_row;

/// Why a frame was not taken.
struct fault {
  error_code code;
  std::string text;                 ///< for people: which field, and what it has to be
  const command_row* row = nullptr; ///< of its type; null: it has none that is known
};

/// `{"type":"system",…}`: who this connection is. It says so itself with `id` and `projectId`, or a
/// token says it.
struct registration {
  std::optional<user_id> user;       ///< `id`
  std::optional<project_id> project; ///< `projectId`
  std::string name;                  ///< empty if the frame has none
  std::string color;                 ///< empty if the frame has none
  dialect speaks = dialect::plain;
  std::optional<resume_point> resume; ///< extended only
  std::string_view token = {};        ///< empty if the frame has none
  bool guest = false;                 ///< extended only: without a token it asks to be made a guest
  /// What is missing where neither a token nor the service says who it is; nothing: both ids are
  /// there.
  std::optional<fault> missing = std::nullopt;
};

/// `{"type":"user",…}`: a message for another user. All views stay valid until the decoder's next
/// call, here and below.
struct user_message {
  std::string_view to; ///< a valid user id, integers as decimal digits
  std::string_view message;
  std::optional<std::string_view> name;    ///< display name claimed by the frame
  std::optional<std::string_view> color;   ///< colour claimed by the frame
  std::optional<std::string_view> id;      ///< sender's id claimed by the frame, integers as digits
  std::optional<std::string_view> project; ///< project claimed by the frame, integers as digits
  std::string_view cid; ///< the client's key for this send; empty: none, or the plain dialect
};

/// `{"type":"recv","seq":…}`: this device has its inbox up to there.
struct received {
  std::uint64_t seq = 0;
};

/// `{"type":"read","with":…,"n":…}`: the user has read a conversation up to there.
struct have_read {
  std::string_view with; ///< a valid user id
  std::uint64_t n = 0;
};

/// `{"type":"refresh","token":…}`: the next token of the same user.
struct refresh {
  std::string_view token;
};

/// `{"type":"ping"}`
struct ping {};

/// An id as a frame has it, and as it is spelled if it is new.
struct written_id {
  std::string_view written; ///< empty: the frame has none
  std::string spelled;      ///< empty: no new id may be this one

  bool unusual() const noexcept { return !written.empty() && written != spelled; }
};

/// A frame with ids that are spelled otherwise than new ones. A store of an older version may have
/// them: if it has them as they are written, the frame means those; else, those as spelled.
struct unusual_ids {
  const command_row* row; ///< of its type
  written_id project;
  written_id user;  ///< the field `id`
  written_id other; ///< `to_id` or `with`
};

/// Which ids of a frame are taken byte for byte. All others are spelled as new ones are, or
/// refused.
struct as_written {
  bool project = false;
  bool user = false;
  bool other = false;
};

/// In the order of their rows in the command table.
using command = std::variant<registration, user_message, received, have_read, query, ping, refresh,
                             fault, unusual_ids>;

/// A frame of a client. Its views stay valid until the decoder's next call.
struct decoded_frame {
  command what;
  frame_key key; ///< empty in the plain dialect
};

} // namespace klatch
