// Any bytes from a client mean the same however they are cut, and cost no more memory than is
// promised; and frames that are written as a client writes them are read as what they were.
#include "messages/text/utf8.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/net/kept_memory.hpp"
#include "tests/net/read_events.hpp"
#include "tests/sockets/wire_frame.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace klatch::fuzz {

namespace {

using net::events;
using sockets::wire_frame;
namespace frame_kind = sockets::opcode;

/// What the fuzzer offers, taken from its front; zeros where it has come to its end.
class offer {
public:
  explicit offer(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  unsigned byte() {
    if (rest_.empty())
      return 0;
    const auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }

  std::string bytes(std::size_t count) {
    std::string result{rest_.substr(0, count)};
    rest_.remove_prefix(result.size());
    return result;
  }

private:
  std::string_view rest_;
};

bool is_message_over(const std::string& event, std::size_t limit) {
  for (const std::string_view kind : {"text ", "binary "})
    if (event.starts_with(kind))
      return event.size() - kind.size() > limit;
  return false;
}

void check_any_bytes(offer input) {
  constexpr std::array<std::size_t, 4> limits{0, 10, 300, net::usual_limit};
  const auto limit = limits[input.byte() % limits.size()];
  const std::size_t piece = 1 + input.byte();
  const std::string wire{input.rest()};
  const auto whole = net::events_in_pieces(wire, wire.size(), limit);
  require(net::events_in_pieces(wire, piece, limit) == whole, "any pieces mean the same");
  require(net::events_in_pieces(wire, 1, limit) == whole, "single bytes mean the same");
  require(std::none_of(whole.begin(), whole.end(),
                       [&](const auto& event) { return is_message_over(event, limit); }),
          "no message is over the limit");
  require(net::stays_in_bounds(wire, piece, limit), "what is kept has its bounds");
  require(net::stays_in_bounds(wire, 1, limit), "what is kept of single bytes has its bounds");
}

/// Writes what the fuzzer chooses as a client does, and notes what it has to mean.
class client {
public:
  /// Until the offer is empty or the client has closed.
  void write_all(offer& input) {
    while (!input.empty() && !ended_)
      write_next(input);
  }

  const std::string& wire() const { return wire_; }
  const events& meaning() const { return meaning_; }

private:
  void write_next(offer& input) {
    const auto choice = input.byte();
    switch (choice % 8) {
    case 0:
      return write_close(input);
    case 1:
      return write_ping(input);
    default:
      // The third bit up is the kind, what is above is how many fragments there are.
      write_message((choice & 4U) != 0 ? frame_kind::text : frame_kind::binary, 1 + choice / 8,
                    input);
    }
  }

  void write_message(unsigned kind, unsigned fragments, offer& input) {
    std::string message;
    for (unsigned number = 1; number <= fragments; ++number) {
      const auto part = input.bytes(input.byte());
      write({.kind = number == 1 ? kind : frame_kind::continuation,
             .payload = part,
             .fin = number == fragments},
            input);
      message += part;
      if (number < fragments && input.byte() % 4 == 0)
        write_ping(input);
    }
    ended_ = kind == frame_kind::text && !is_valid_utf8(message);
    note(ended_                     ? "violation 1007"
         : kind == frame_kind::text ? "text"
                                    : "binary",
         ended_ ? "" : message);
  }

  void write_ping(offer& input) {
    const auto payload = input.bytes(input.byte() % 126);
    write({.kind = frame_kind::ping, .payload = payload}, input);
    note("ping", payload);
  }

  void write_close(offer& input) {
    const auto code = 1000 + input.byte() % 4;
    const auto reason = input.bytes(input.byte() % 124);
    write({.kind = frame_kind::close, .payload = sockets::close_payload(code, reason)}, input);
    ended_ = true;
    if (is_valid_utf8(reason))
      note("close " + std::to_string(code), reason);
    else
      note("violation 1007", {});
  }

  void write(wire_frame frame, offer& input) {
    std::generate(frame.key.begin(), frame.key.end(), [&] { return input.byte(); });
    wire_ += frame.bytes();
  }

  void note(std::string words, std::string_view bytes) {
    if (!bytes.empty())
      words.append(" ").append(bytes);
    meaning_.push_back(std::move(words));
  }

  std::string wire_;
  events meaning_;
  bool ended_ = false;
};

void check_valid_frames(offer input) {
  const std::size_t piece = 1 + input.byte();
  client writes;
  writes.write_all(input);
  require(net::events_in_pieces(writes.wire(), piece) == writes.meaning(),
          "valid frames are read as what they were");
}

} // namespace

} // namespace klatch::fuzz

// libFuzzer's name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  klatch::fuzz::offer input{{reinterpret_cast<const char*>(data), size}};
  if (input.byte() % 2 == 0)
    klatch::fuzz::check_any_bytes(input);
  else
    klatch::fuzz::check_valid_frames(input);
  return 0;
}
