/// Errors as frames, in both dialects.
#pragma once

#include "messages/dialect.hpp"
#include "messages/errors.hpp"
#include "messages/frame.hpp"
#include "messages/wire/commands.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace klatch {

/// What a client is told of an error.
struct error_report {
  error_code code;
  std::string_view text = {}; ///< for people; empty: the table's own text
  frame_key about = {};       ///< of the frame that it is about
  std::string_view to = {};   ///< the recipient that it is about
  std::optional<std::chrono::milliseconds> retry = std::nullopt;
  bool guests = false; ///< who has no token may come as a guest
};

/// Plain: `{"type":"system","message":…,"error":CODE}`; extended:
/// `{"type":"error","code":CODE,"message":…,"cid":…,"ref":…,"temporary":…}`; and `to`,
/// `retry_ms` and `guests` if the report has them.
frame encode_error(dialect speaks, const error_report& report);

/// That the recipient is not there: `5 is not connected`.
frame encode_not_connected(dialect speaks, std::string_view to, const frame_key& about = {});

} // namespace klatch
