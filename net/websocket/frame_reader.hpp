/// WebSocket frames from client to server, read (RFC 6455 section 5).
#pragma once

#include "messages/errors.hpp"
#include "net/websocket/partial_input.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace klatch::net {

class client_header;

/// What has come: a whole message, a control frame, or `fragment`, a part of a message that has yet
/// to end. `nothing`: more has to come.
enum class frame_event : std::uint8_t {
  nothing,
  text,
  binary,
  ping,
  pong,
  close,
  violation,
  fragment
};

struct read_result {
  frame_event what = frame_event::nothing;
  /// `close`: the client's code, 0 if it gave none. `violation`: the code to close with, which is
  /// 1002 for a broken rule, 1007 for what should be UTF-8 and is not, 1009 for a message over the
  /// limit.
  close_code code{};
  /// The message, in valid UTF-8 if it is a text; the payload of a ping or pong; the reason of a
  /// close, in valid UTF-8; of a violation the rule that was broken, a literal for the log.
  std::string_view bytes;
};

/// Decodes a client's frames from bytes as they come. No extensions, so no reserved bits. A message
/// that arrives whole in `input` is neither copied nor allocated for. Anything else is buffered in
/// one block of at most twice the bytes received plus 32, and never more than the message limit
/// plus 131 (one control frame). An idle reader is 16 bytes.
class frame_reader {
public:
  /// Takes messages of at most that many bytes of payload, all fragments together, and of at most
  /// 1 GiB.
  explicit frame_reader(std::size_t max_message_bytes) noexcept;

  /// Returns the next event in `input`, which is unmasked in place and from whose front is cut what
  /// was consumed. After `nothing` `input` is empty. The result's bytes are valid until the next
  /// call and as long as the memory of `input` is left alone.
  ///
  /// After a close or a violation all input is consumed and means nothing. Messages are checked for
  /// UTF-8 when they are whole.
  read_result next(std::span<char>& input);

  /// What is kept, in bytes of memory.
  std::size_t kept_bytes() const noexcept { return partial_.bytes(); }
  /// Frees all of it; what comes from now on means nothing.
  void give_up() noexcept {
    ended_ = true;
    partial_.release();
  }

  /// Returns true if nothing is kept: `next` has returned all that came, and was called once more.
  bool idle() const noexcept { return partial_.released(); }

private:
  read_result read_frame(std::span<char>& input);
  read_result begin_data(const client_header& header, std::span<char>& input);
  read_result read_payload(std::span<char>& input);
  read_result read_control(const client_header& header, std::span<char> payload);
  read_result read_close(std::string_view payload);
  read_result message(opcode kind, std::string_view payload);
  read_result violation(close_code code, std::string_view rule);

  std::span<char> frame_front(std::span<char>& input, std::size_t bytes);
  void consume_front(std::span<char>& input, std::size_t bytes);

  partial_input partial_;
  std::uint32_t max_message_bytes_;
  bool ended_ = false;
};

static_assert(sizeof(frame_reader) <= 16, "what an idle connection keeps for reading");

} // namespace klatch::net
