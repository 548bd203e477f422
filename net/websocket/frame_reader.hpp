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

/// What a client has said. `fragment`: part of a message, which has yet to end.
enum class said : std::uint8_t { nothing, text, binary, ping, pong, close, violation, fragment };

struct read_result {
  said what = said::nothing;
  /// `close`: the client's code, 0 where it gave none. `violation`: the code to close with, which
  /// is 1002 for a broken rule, 1007 for what should be UTF-8 and is not, 1009 for a message over
  /// the limit.
  close_code code{};
  /// The message, in valid UTF-8 where it is a text; the payload of a ping or pong; the reason of a
  /// close, in valid UTF-8; of a violation the rule that was broken, a literal for the log.
  std::string_view bytes;
};

/// Takes a client's bytes as they come and says what they mean. No extensions, so no reserved bits.
/// What comes whole in one piece is neither copied nor costs an allocation; what does not is kept
/// in one allocation. Beside 32 bytes of its own that has at most twice the bytes that have come,
/// and at most 131 (a control frame) more than the limit on messages. With nothing kept the reader
/// is all the memory there is: 16 bytes.
class frame_reader {
public:
  /// Takes messages of at most that many bytes of payload, all fragments together, and of at most
  /// 1 GiB.
  explicit frame_reader(std::size_t max_message_bytes) noexcept;

  /// The next thing that is said in `input`, which is unmasked in place and from whose front is cut
  /// what was consumed. `nothing`: all of `input` is taken, and more has to come. The result's
  /// bytes are valid until the next call and as long as the memory of `input` is left alone.
  ///
  /// After a close or a violation all input is taken and means nothing. Messages are checked for
  /// UTF-8 when they are whole.
  read_result next(std::span<char>& input);

  /// What is kept, in bytes of memory.
  std::size_t kept_bytes() const noexcept { return kept_.bytes(); }
  /// Frees all of it; what comes from now on means nothing.
  void give_up() noexcept {
    ended_ = true;
    kept_.release();
  }

  /// Nothing is kept: all that came has been told, and `next` was called once more.
  bool idle() const noexcept { return kept_.released(); }

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

  partial_input kept_;
  std::uint32_t max_message_bytes_;
  bool ended_ = false;
};

static_assert(sizeof(frame_reader) <= 16, "what an idle connection keeps for reading");

} // namespace klatch::net
