/// The close frame from server to client (RFC 6455 section 5.5.1).
#pragma once

#include "messages/errors.hpp"
#include "net/websocket/ws_frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace klatch::net {

/// The whole frame: the code, big-endian, then the reason; empty if `code` is 0.
inline std::string close_frame(std::uint16_t code, std::string_view reason) {
  if (code == 0)
    return std::string{frame_header{opcode::close, 0}.bytes()};
  std::string bytes{frame_header{opcode::close, reason.size() + 2}.bytes()};
  bytes += static_cast<char>(code >> 8);
  bytes += static_cast<char>(code & 0xFF);
  bytes += reason;
  return bytes;
}

/// With the reason that belongs to `code`.
inline std::string close_frame(close_code code) {
  return close_frame(static_cast<std::uint16_t>(code), describe(code).reason);
}

} // namespace klatch::net
