// Frames that are against RFC 6455 section 5, and the code that each is refused with.
#include "tests/catch.hpp"
#include "tests/net/read_events.hpp"
#include "tests/sockets/wire_frame.hpp"

namespace klatch::net {

namespace {

using sockets::close_payload;
using sockets::in_fragments;
using sockets::length_form;
using sockets::wire_frame;
namespace frame_kind = sockets::opcode;

const events protocol_error{"violation 1002"};
const events invalid_payload{"violation 1007"};
const events too_big{"violation 1009"};

/// What is told of `refused`, behind which more comes that is valid.
events told_of(const wire_frame& refused) {
  return events_of(refused.bytes() + wire_frame{.payload = "after"}.bytes());
}

} // namespace

TEST_CASE("reserved bits are refused", "[frames]") {
  const auto kind =
      GENERATE(frame_kind::text, frame_kind::binary, frame_kind::ping, frame_kind::close);
  const auto bits = GENERATE(range(1U, 8U));
  CHECK(told_of({.kind = kind, .payload = "{}", .reserved = bits}) == protocol_error);
}

TEST_CASE("reserved bits of a continuation are refused", "[frames]") {
  const auto bits = GENERATE(range(1U, 8U));
  CHECK(events_of(wire_frame{.payload = "{", .fin = false}.bytes() +
                  wire_frame{.kind = frame_kind::continuation, .payload = "}", .reserved = bits}
                      .bytes()) == protocol_error);
}

TEST_CASE("reserved opcodes are refused", "[frames]") {
  const auto kind = GENERATE(0x3U, 0x4U, 0x5U, 0x6U, 0x7U, 0xBU, 0xCU, 0xDU, 0xEU, 0xFU);
  const auto fin = GENERATE(false, true);
  CHECK(told_of({.kind = kind, .payload = "{}", .fin = fin}) == protocol_error);
}

TEST_CASE("frames without a mask are refused", "[frames]") {
  const auto kind = GENERATE(frame_kind::text, frame_kind::binary, frame_kind::close,
                             frame_kind::ping, frame_kind::pong);
  const auto bytes = GENERATE(std::size_t{0}, std::size_t{5}, std::size_t{125});
  CHECK(told_of({.kind = kind, .payload = std::string(bytes, 'x'), .masked = false}) ==
        protocol_error);
}

TEST_CASE("control frames of more than 125 bytes are refused from their header", "[frames]") {
  const auto kind = GENERATE(frame_kind::close, frame_kind::ping, frame_kind::pong);
  const auto length = GENERATE(std::uint64_t{126}, std::uint64_t{127}, std::uint64_t{65536});
  CHECK(events_of(wire_frame{.kind = kind, .announced = length}.bytes()) == protocol_error);
}

TEST_CASE("control frames in fragments are refused", "[frames]") {
  const auto kind = GENERATE(frame_kind::close, frame_kind::ping, frame_kind::pong);
  CHECK(told_of({.kind = kind, .payload = "{}", .fin = false}) == protocol_error);
}

TEST_CASE("a continuation without a start is refused", "[frames]") {
  const auto fin = GENERATE(false, true);
  const wire_frame continuation{.kind = frame_kind::continuation, .payload = "{}", .fin = fin};
  CHECK(told_of(continuation) == protocol_error);
  CHECK(events_of(in_fragments("whole", 2) + continuation.bytes()) ==
        events{"text whole", "violation 1002"});
  CHECK(events_of(wire_frame{.kind = frame_kind::ping}.bytes() + continuation.bytes()) ==
        events{"ping", "violation 1002"});
}

TEST_CASE("a message within another is refused", "[frames]") {
  const auto kind = GENERATE(frame_kind::text, frame_kind::binary);
  const auto start = GENERATE(values<std::string>({"", "{"}));
  CHECK(events_of(wire_frame{.payload = start, .fin = false}.bytes() +
                  wire_frame{.kind = kind, .payload = "}"}.bytes()) == protocol_error);
}

TEST_CASE("a length in a longer form than it needs is refused", "[frames]") {
  CHECK(told_of({.form = length_form::two_bytes}) == protocol_error);
  CHECK(told_of({.payload = std::string(125, 'x'), .form = length_form::two_bytes}) ==
        protocol_error);
  CHECK(told_of({.form = length_form::eight_bytes}) == protocol_error);
  CHECK(told_of({.payload = std::string(126, 'x'), .form = length_form::eight_bytes}) ==
        protocol_error);
  CHECK(events_of(wire_frame{.form = length_form::eight_bytes, .announced = 0xFFFF}.bytes()) ==
        protocol_error);
  CHECK(events_of(
            wire_frame{.kind = frame_kind::ping, .form = length_form::two_bytes, .announced = 125}
                .bytes()) == protocol_error);
}

TEST_CASE("a length with its highest bit set is refused", "[frames]") {
  const auto length = GENERATE(std::uint64_t{1} << 63U, ~std::uint64_t{0});
  CHECK(events_of(wire_frame{.announced = length}.bytes()) == protocol_error);
}

TEST_CASE("a message over the limit is refused from its header", "[frames]") {
  const auto length = GENERATE(std::uint64_t{usual_limit} + 1, std::uint64_t{1} << 32U,
                               (std::uint64_t{1} << 63U) - 1);
  const auto kind = GENERATE(frame_kind::text, frame_kind::binary);
  CHECK(events_of(wire_frame{.kind = kind, .announced = length}.bytes()) == too_big);
}

TEST_CASE("fragments over the limit together are refused from the header", "[frames]") {
  const std::string first(90, 'x');
  CHECK(events_of(wire_frame{.payload = first, .fin = false}.bytes() +
                      wire_frame{.kind = frame_kind::continuation, .payload = "0123456789"}.bytes(),
                  100) == events{"text " + first + "0123456789"});
  CHECK(events_of(wire_frame{.payload = first, .fin = false}.bytes() +
                      wire_frame{.kind = frame_kind::continuation, .announced = 11}.bytes(),
                  100) == too_big);
  CHECK(events_of(
            wire_frame{.payload = first, .fin = false}.bytes() +
                wire_frame{.kind = frame_kind::continuation, .announced = ~std::uint64_t{0} >> 1U}
                    .bytes(),
            100) == too_big);
}

TEST_CASE("a limit of nothing allows empty messages only", "[frames]") {
  CHECK(events_of(wire_frame{}.bytes(), 0) == events{"text"});
  CHECK(events_of(wire_frame{.kind = frame_kind::ping, .payload = "x"}.bytes(), 0) ==
        events{"ping x"});
  CHECK(events_of(wire_frame{.payload = "x"}.bytes(), 0) == too_big);
}

TEST_CASE("a text that is not UTF-8 is refused, in fragments too", "[frames]") {
  const auto bytes = GENERATE(values<std::string>(
      {"\xFF", "\x80", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80",
       "\xF8\x88\x80\x80\x80", "\xE0\x80\xAF", "\xF0\x9F\x98"}));
  const auto text = GENERATE(values<std::string>({"", "here (", std::string(70, 'x')})) + bytes +
                    GENERATE(values<std::string>({"", ")"}));
  CHECK(told_of({.payload = text}) == invalid_payload);
  CHECK(events_of(in_fragments(text, 2)) == invalid_payload);
  CHECK(events_of(in_fragments(text, text.size() + 1)) == invalid_payload);
}

TEST_CASE("a text does not end within a character, in an empty fragment neither", "[frames]") {
  CHECK(events_of(wire_frame{.payload = "{}\xF0\x9F\x98", .fin = false}.bytes() +
                  wire_frame{.kind = frame_kind::continuation}.bytes()) == invalid_payload);
}

TEST_CASE("a close with half a code is refused", "[frames]") {
  CHECK(told_of({.kind = frame_kind::close, .payload = "\x03"}) == protocol_error);
}

TEST_CASE("a close with a code that nobody may send is refused", "[frames]") {
  const auto code = GENERATE(0U, 1U, 999U, 1004U, 1005U, 1006U, 1014U, 1015U, 1016U, 1100U, 2000U,
                             2999U, 5000U, 5001U, 65535U);
  INFO(code);
  CHECK(told_of({.kind = frame_kind::close, .payload = close_payload(code)}) == protocol_error);
}

TEST_CASE("a close whose reason is not UTF-8 is refused", "[frames]") {
  const auto reason = GENERATE(values<std::string>({"\xFF", "bye \xE2\x82", "\xC0\xAF"}));
  CHECK(told_of({.kind = frame_kind::close, .payload = close_payload(1000, reason)}) ==
        invalid_payload);
}

TEST_CASE("a violation says in words which rule was broken", "[frames]") {
  auto wire = wire_frame{.masked = false}.bytes();
  std::span<char> input{wire};
  CHECK(frame_reader{usual_limit}.next(input).bytes == "a client's frame is not masked");
  CHECK(input.empty());
}

} // namespace klatch::net
