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
