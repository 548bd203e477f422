/// The header of a WebSocket frame from client to server (RFC 6455 section 5.2).
#pragma once

#include "net/websocket/masking_key.hpp"
#include "net/websocket/ws_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace klatch::net {

/// Longest payload of a control frame, in bytes (RFC 6455 section 5.5).
inline constexpr std::size_t max_control_payload = 125;

class client_header {
public:
  /// As many bytes tell how long the whole header is.
  static constexpr std::size_t min_bytes = 2;

  /// Size of the header that begins with `start`, of `min_bytes` or more.
  static std::size_t size_of(std::span<const char> start) noexcept;

  /// Expects a whole header, which need not be valid.
  explicit client_header(std::span<const char> bytes) noexcept;

  /// The rule that the header breaks, whatever came before it; empty: none. Until it is asked,
  /// `kind` may be an opcode that there is not.
  std::string_view broken_rule() const noexcept;

  opcode kind() const noexcept { return kind_; }
  bool is_control() const noexcept { return kind_ >= opcode::close; }
  /// Returns true if it is its message's last fragment.
  bool is_final() const noexcept { return final_; }
  std::uint64_t payload_bytes() const noexcept { return payload_bytes_; }
  const masking_key& key() const noexcept { return key_; }

private:
  std::uint64_t payload_bytes_;
  masking_key key_;
  opcode kind_;
  bool final_;
  bool reserved_bits_;
  bool masked_;
  bool shortest_length_ = true;
};

} // namespace klatch::net
