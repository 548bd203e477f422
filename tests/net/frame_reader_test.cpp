// Frames and fragments that are valid, in one piece and cut anywhere (RFC 6455 sections 5.2
// to 5.6).
#include "tests/catch.hpp"
#include "tests/net/read_events.hpp"
#include "tests/sockets/wire_frame.hpp"

namespace klatch::net {

namespace {

using sockets::close_payload;
using sockets::in_fragments;
using sockets::wire_frame;
namespace frame_kind = sockets::opcode;

std::string frame(unsigned kind, std::string payload = {}, bool fin = true) {
  return wire_frame{.kind = kind, .payload = std::move(payload), .fin = fin}.bytes();
}

std::string text_of(std::size_t bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes; ++at)
    text += static_cast<char>('a' + at % 26);
  return text;
}

} // namespace

TEST_CASE("the examples of RFC 6455 section 5.7 are read", "[frames]") {
  CHECK(events_of("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") == events{"text Hello"});
  CHECK(events_of("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") == events{"pong Hello"});
}

TEST_CASE("several messages in one input are read one after the other", "[frames]") {
  CHECK(events_of(frame(frame_kind::text, "one") + frame(frame_kind::text, "two") +
                  frame(frame_kind::binary, "\xFF\xFE") + frame(frame_kind::text, "three")) ==
        events{"text one", "text two", "binary \xFF\xFE", "text three"});
}

TEST_CASE("messages may be empty", "[frames]") {
  CHECK(events_of(frame(frame_kind::text) + frame(frame_kind::binary) + frame(frame_kind::text)) ==
        events{"text", "binary", "text"});
}

TEST_CASE("any masking key will do", "[frames]") {
  const auto key =
      GENERATE(std::array<unsigned, 4>{0, 0, 0, 0}, std::array<unsigned, 4>{0xFF, 0xFF, 0xFF, 0xFF},
               std::array<unsigned, 4>{0x80, 0, 1, 0x7F});
  const auto text = text_of(21);
  CHECK(events_of(wire_frame{.payload = text, .key = key}.bytes()) == events{"text " + text});
}

TEST_CASE("lengths of 7, 16 and 64 bits are read, up to the limit", "[frames]") {
  const auto bytes = GENERATE(std::size_t{1}, std::size_t{125}, std::size_t{126}, std::size_t{127},
                              std::size_t{65535}, std::size_t{65536}, usual_limit);
  INFO(bytes);
  const auto text = text_of(bytes);
  const auto wire = frame(frame_kind::text, text);
  const auto piece = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{65536},
                              std::size_t{1} << 20U);
  CHECK(events_in_pieces(wire, piece) == events{"text " + text});
}

TEST_CASE("a short text in 1, 2 or many fragments is one message", "[frames]") {
  const auto text = text_of(40);
  const auto count = GENERATE(range(std::size_t{1}, std::size_t{45}));
  CHECK(events_of(in_fragments(text, count)) == events{"text " + text});
}

TEST_CASE("a long text in fragments is one message", "[frames]") {
  const auto text = text_of(usual_limit);
  const auto count = GENERATE(std::size_t{2}, std::size_t{3}, std::size_t{1000}, usual_limit);
  INFO(count);
  const auto wire = in_fragments(text, count);
  const auto piece = GENERATE(std::size_t{5}, std::size_t{4096}, std::size_t{1} << 20U);
  CHECK(events_in_pieces(wire, piece) == events{"text " + text});
}

TEST_CASE("fragments may be empty, first, last and all of them", "[frames]") {
  CHECK(events_of(frame(frame_kind::text, "", false) +
                  frame(frame_kind::continuation, "hollow", false) +
                  frame(frame_kind::continuation, "", false) + frame(frame_kind::continuation)) ==
        events{"text hollow"});
  CHECK(events_of(frame(frame_kind::binary, "", false) +
                  frame(frame_kind::continuation, "", false) + frame(frame_kind::continuation) +
                  frame(frame_kind::text, "after")) == events{"binary", "text after"});
}

TEST_CASE("a character of UTF-8 may be split between fragments", "[frames]") {
  const std::string text = "\xF0\x9F\x98\x80 \xE2\x82\xAC \xC3\xA4";
  CHECK(events_of(in_fragments(text, text.size())) == events{"text " + text});
}

TEST_CASE("a binary message may be any bytes, in fragments too", "[frames]") {
  const std::string bytes = "\xFF\xFE\x80";
  CHECK(events_of(frame(frame_kind::binary, bytes, false) +
                  frame(frame_kind::continuation, bytes)) == events{"binary " + bytes + bytes});
}

TEST_CASE("control frames have 0 to 125 bytes of any kind", "[frames]") {
  const auto bytes = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{124}, std::size_t{125});
  const std::string payload(bytes, '\xFF');
  const auto said = bytes == 0 ? payload : ' ' + payload;
  CHECK(events_of(frame(frame_kind::ping, payload) + frame(frame_kind::pong, payload)) ==
        events{"ping" + said, "pong" + said});
}

TEST_CASE("control frames come between messages and between fragments", "[frames]") {
  const auto wire = frame(frame_kind::ping, "1") + frame(frame_kind::text, "ar", false) +
                    frame(frame_kind::ping, "between") +
                    frame(frame_kind::continuation, "ou", false) + frame(frame_kind::pong) +
                    frame(frame_kind::ping) + frame(frame_kind::continuation, "", false) +
                    frame(frame_kind::ping, "again") + frame(frame_kind::continuation, "nd") +
                    frame(frame_kind::ping, "2");
  CHECK(events_of(wire) ==
        events{"ping 1", "ping between", "pong", "ping", "ping again", "text around", "ping 2"});
}

TEST_CASE("a ping stands between all fragments of a long message", "[frames]") {
  const auto text = text_of(20000);
  std::string wire;
  events expected;
  for (std::size_t at = 0; at < text.size(); at += 1000) {
    wire += frame(at == 0 ? frame_kind::text : frame_kind::continuation, text.substr(at, 1000),
                  at + 1000 == text.size());
    const auto payload = text.substr(at / 1000, 100);
    if (at + 1000 < text.size()) {
      wire += frame(frame_kind::ping, payload);
      expected.push_back("ping " + payload);
    }
  }
  expected.push_back("text " + text);
  const auto piece = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{130}, std::size_t{2000});
  CHECK(events_in_pieces(wire, piece) == expected);
}

TEST_CASE("a close has a code that may be sent, or none", "[frames]") {
  CHECK(events_of(frame(frame_kind::close)) == events{"close 0"});
  const auto code = GENERATE(1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U,
                             1013U, 3000U, 3999U, 4000U, 4999U);
  CHECK(events_of(frame(frame_kind::close, close_payload(code))) ==
        events{"close " + std::to_string(code)});
}

TEST_CASE("a close has a reason in UTF-8 of at most 123 bytes", "[frames]") {
  const auto reason = GENERATE(values<std::string>({"bye", "\xE2\x82\xAC", std::string(123, 'x')}));
  CHECK(events_of(frame(frame_kind::close, close_payload(1001, reason))) ==
        events{"close 1001 " + reason});
}

TEST_CASE("no frame is taken after a close", "[frames]") {
  const auto after = frame(frame_kind::text, "after") + frame(frame_kind::ping) + "\xFF\xFF";
  SECTION("after a message") {
    CHECK(events_of(frame(frame_kind::text, "before") + frame(frame_kind::close) + after) ==
          events{"text before", "close 0"});
  }
  SECTION("between fragments") {
    CHECK(events_of(frame(frame_kind::text, "{", false) +
                    frame(frame_kind::close, close_payload(1000, "bye")) +
                    frame(frame_kind::continuation, "}") + after) == events{"close 1000 bye"});
  }
}

TEST_CASE("a frame that is not whole is not returned", "[frames]") {
  const auto text = frame(frame_kind::text, "whole");
  const auto ping = frame(frame_kind::ping, "whole");
  const auto kept = GENERATE(range(std::size_t{0}, std::size_t{11}));
  CHECK(events_of(text.substr(0, kept)).empty());
  CHECK(events_of(ping.substr(0, kept)).empty());
}

} // namespace klatch::net
