/// WebSocket frames made by hand, valid or not (RFC 6455 section 5.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::sockets {

namespace opcode {
inline constexpr unsigned continuation = 0x0;
inline constexpr unsigned text = 0x1;
inline constexpr unsigned binary = 0x2;
inline constexpr unsigned close = 0x8;
inline constexpr unsigned ping = 0x9;
inline constexpr unsigned pong = 0xA;
} // namespace opcode

/// Where the payload's length stands: 7, 7+16 or 7+64 bits.
enum class length_form : std::uint8_t { shortest, two_bytes, eight_bytes };

/// A frame from client to server. As it begins it is a valid one.
struct wire_frame {
  unsigned kind = opcode::text;
  std::string payload{};
  bool fin = true;
  unsigned reserved = 0; ///< RSV1 is 4, RSV2 is 2, RSV3 is 1
  bool masked = true;
  length_form form = length_form::shortest;
  /// The length in the header, where that is not the payload's.
  std::optional<std::uint64_t> announced{};
  /// As in the example of RFC 6455 section 5.7.
  std::array<unsigned, 4> key{0x37, 0xFA, 0x21, 0x3D};

  std::string bytes() const;
};

/// A close frame's payload (RFC 6455 section 5.5.1).
std::string close_payload(unsigned code, std::string_view reason = {});

/// `text` in `count` frames of about the same length.
std::string in_fragments(std::string_view text, std::size_t count);

} // namespace klatch::sockets
