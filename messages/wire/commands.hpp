/// What a client may say, once decoded.
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// What a connection speaks: the frames of 2015 to the letter, or all of the protocol. Its
/// registration says so.
enum class dialect : std::uint8_t { plain, extended };

/// How far a client has got: the last entry of its inbox that it has seen.
struct resume_point {
  std::string epoch; ///< of the log that `since` counts in
  std::uint64_t since = 0;
};

/// `{"type":"system",…}`: who this connection is.
struct registration {
  user_key key;
  std::string name;  ///< the id where the frame has none
  std::string color; ///< empty where the frame has none
  dialect speaks = dialect::plain;
  std::optional<resume_point> resume; ///< extended only
};

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

/// Most entries that a page may be asked for, and how many one has that does not say.
inline constexpr unsigned max_page = 200;
inline constexpr unsigned usual_page = 50;

/// `{"type":"history","with":…}`: part of a conversation.
struct history_query {
  std::string_view with; ///< a valid user id
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  unsigned limit = usual_page; ///< 1 to max_page
};

/// `{"type":"conversations"}`: those of the user, newest first.
struct conversations_query {
  std::optional<std::uint64_t> before; ///< the mid of a conversation's last message
  unsigned limit = usual_page;         ///< 1 to max_page
};

/// `{"type":"ping"}`
struct ping {};

/// The value of a frame's `type`, as far as it could be read; `other`: one of the extended dialect.
enum class frame_type : std::uint8_t { none, system, user, other, unknown };

/// Why a frame was not taken.
struct fault {
  error_code code;
  std::string text; ///< for people: which field, and what it has to be
  frame_type type = frame_type::none;
};

/// An id as a frame has it, and as new ids are spelled.
struct written_id {
  std::string_view written; ///< empty: the frame has none
  std::string spelled;      ///< empty: no new id may be this one

  bool unusual() const noexcept { return !written.empty() && written != spelled; }
};

/// A frame with ids that are spelled otherwise than new ones. Stores of older versions may have
/// them: whether this one has them as they are written decides whom the frame means.
struct unusual_ids {
  frame_type type;
  written_id project;
  written_id user;  ///< the field `id`
  written_id other; ///< `to_id` or `with`
};

/// Which ids of a frame mean what they are byte for byte. All others are spelled as new ones are,
/// or refused.
struct as_written {
  bool project = false;
  bool user = false;
  bool other = false;
};

using command = std::variant<registration, user_message, received, have_read, history_query,
                             conversations_query, ping, fault, unusual_ids>;

/// A frame of a client. Its views stay valid until the decoder's next call.
struct decoded_frame {
  command what;
  frame_key key; ///< empty in the plain dialect
};

} // namespace klatch
