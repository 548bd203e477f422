/// What a client may say, once decoded.
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// `{"type":"system",…}`: who this connection is.
struct registration {
  user_key key;
  std::string name;  ///< the id where the frame has none
  std::string color; ///< empty where the frame has none
};

/// `{"type":"user",…}`: a message for another user. All views stay valid until the decoder's next
/// call.
struct user_message {
  std::string_view to; ///< a valid user id, integers as decimal digits
  std::string_view message;
  std::optional<std::string_view> name;    ///< display name claimed by the frame
  std::optional<std::string_view> color;   ///< colour claimed by the frame
  std::optional<std::string_view> id;      ///< sender's id claimed by the frame, integers as digits
  std::optional<std::string_view> project; ///< project claimed by the frame, integers as digits
};

/// The value of a frame's `type`, as far as it could be read.
enum class frame_type : std::uint8_t { none, system, user, unknown };

/// Why a frame was not taken.
struct fault {
  error_code code;
  std::string text; ///< for people: which field, and what it has to be
  frame_type type = frame_type::none;
};

using command = std::variant<registration, user_message, fault>;

} // namespace klatch
