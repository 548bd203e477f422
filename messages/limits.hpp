/// How much of everything a client may use.
#pragma once

#include <algorithm>
#include <cstddef>

namespace klatch {

/// Most bytes that JSON may take for one byte of text: `\u0001`.
inline constexpr std::size_t max_escaped_byte = 6;

struct limits {
  /// Largest message text, in bytes of UTF-8 after unescaping; `too_large` beyond.
  std::size_t message_bytes = 64 * 1024;
  /// Largest WebSocket message taken from a client, in bytes; refused from its header with 1009.
  /// Holds the largest text with every byte of it escaped, and 8 KiB for all else.
  std::size_t frame_bytes = max_escaped_byte * message_bytes + 8 * 1024;
  /// Longest display name, in bytes.
  std::size_t name_bytes = 128;
  /// Longest colour, in bytes.
  std::size_t color_bytes = 32;
  /// Most that may wait to be read by one connection, in bytes; closed with 4508 beyond.
  std::size_t waiting_bytes = 1024 * 1024;
  /// Sends a second that a connection may keep up, with bursts of three times that; 0 for no limit.
  unsigned send_rate = 20;
  /// Bytes of frames a second that a connection may keep up, with bursts of three times that; 0 for
  /// no limit.
  std::size_t byte_rate = 256 * 1024;
  /// WebSockets from one address; 0 for no limit.
  unsigned per_address = 100;
  /// HTTP connections from one address that are not upgraded; 0 for no limit.
  unsigned http_per_address = 200;
  /// Refused tokens a minute from one address; beyond, none is looked at for a minute. 0 for no
  /// limit.
  unsigned token_failures = 20;
  /// New guests a minute of one address; 0 for no limit.
  unsigned new_guests = 5;
};

/// Returns how many sends a second a guest may keep up where others may `of_others`: a quarter, and
/// one at least. 0 is no limit.
constexpr unsigned send_rate_of_guests(unsigned of_others) noexcept {
  return of_others == 0 ? 0 : std::max(of_others / 4, 1U);
}

} // namespace klatch
