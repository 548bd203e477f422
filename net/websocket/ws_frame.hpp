/// The header of a WebSocket frame from server to client (RFC 6455 section 5.2): final, unmasked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace klatch::net {

enum class opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

/// The length of the frame from a server at the front of `bytes`, with its header; 0 if there is
/// none, or not all of its header.
inline std::size_t server_frame_length(std::string_view bytes) noexcept {
  const auto byte = [&](std::size_t at) -> std::size_t {
    return static_cast<unsigned char>(bytes[at]);
  };
  if (bytes.size() < 2 || (byte(0) & 0xF0U) != 0x80U || byte(1) > 127)
    return 0;
  std::size_t length = byte(1);
  const std::size_t width = length == 127 ? 8 : length == 126 ? 2 : 0;
  if (bytes.size() < 2 + width)
    return 0;
  if (width != 0)
    length = 0;
  for (std::size_t at = 2; at < 2 + width; ++at)
    length = length << 8U | byte(at);
  return 2 + width + length;
}

class frame_header {
public:
  frame_header(opcode kind, std::size_t payload_bytes) noexcept {
    put(0x80U | static_cast<unsigned>(kind));
    if (payload_bytes < 126) {
      put(payload_bytes);
    } else if (payload_bytes <= 0xFFFF) {
      put(126);
      put_big_endian(payload_bytes, 2);
    } else {
      put(127);
      put_big_endian(payload_bytes, 8);
    }
  }

  std::string_view bytes() const noexcept { return {bytes_.data(), size_}; }

private:
  void put(std::size_t byte) noexcept { bytes_[size_++] = static_cast<char>(byte); }
  void put_big_endian(std::size_t value, int width) noexcept {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
      put(value >> shift & 0xFF);
  }

  std::array<char, 10> bytes_{};
  std::size_t size_ = 0;
};

} // namespace klatch::net
