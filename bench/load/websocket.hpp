/// The client's half of RFC 6455: the upgrade and the frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

/// Largest frame taken from a server, in bytes of payload: nats-server sends all that has waited
/// for a slow reader, at most 64 MiB, as one.
inline constexpr std::size_t max_payload = std::size_t{80} * 1024 * 1024;

/// The request that opens a WebSocket (section 4.1). The key is that of section 1.3, so that the
/// answer to it is known without computing a hash: nothing here passes through a cache that a fresh
/// key would guard against.
std::string upgrade_request(std::string_view host, std::uint16_t port, std::string_view path);

/// How many bytes of `input` the server's answer to the upgrade takes; 0: not all of it is there
/// yet. Throws `failure` unless it is a 101 with the right `Sec-WebSocket-Accept` and without
/// extensions.
std::size_t parse_upgrade_response(std::string_view input);

/// Appends one whole frame, masked with `key` (section 5.3).
void append_frame(std::string& out, opcode op, std::string_view payload, std::uint32_t key);

struct frame_view {
  opcode op;
  bool final;
  std::string_view payload; ///< into what was parsed
};

/// How many bytes of `input` its first frame takes, which is then in `out`; 0: not all of it is
/// there yet. Throws `failure` for what a server must not send: masked frames, reserved bits and
/// opcodes, control frames that are long or in fragments, lengths not in the shortest form, more
/// than `max_payload`.
std::size_t parse_frame(std::string_view input, frame_view& out);

} // namespace load
