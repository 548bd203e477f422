/// The types of the frames that clients are sent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace klatch {

/// The `type` of a frame on its way to a client.
enum class frame_type : std::uint8_t {
  system,
  usermsg,
  welcome,
  ack,
  receipt,
  history,
  conversations,
  pong,
  error,
  refreshed,
  expiring,
  reconnect
};

/// As they stand in frames.
inline constexpr std::array<std::string_view, 12> frame_type_names{
    "system",        "usermsg", "welcome", "ack",       "receipt",  "history",
    "conversations", "pong",    "error",   "refreshed", "expiring", "reconnect"};
inline constexpr std::size_t frame_types = frame_type_names.size();

} // namespace klatch
