/// Frames and fragments that are valid: every form of them is taken (RFC 6455 sections 5.2 to 5.6).
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

namespace {

/// A message to 7 whose frame has `bytes` bytes.
std::string message_of(std::size_t bytes, std::string& text) {
  text.assign(bytes - message_to("7", "").size(), 'x');
  auto frame = message_to("7", text);
  REQUIRE(frame.size() == bytes);
  return frame;
}

} // namespace

TEST_CASE("a text in 1, 2 or many fragments is one message") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto text = message_to("7", "in pieces");
  const auto count = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{40});
  INFO(count);
  client.raw().write(in_fragments(text, count));
  client.expect_push(usermsg("7", "7", "in pieces"));
}

TEST_CASE("fragments may be empty") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  client.push(wire_frame{.fin = false});
  client.push(
      wire_frame{.kind = opcode::continuation, .payload = message_to("7", "hollow"), .fin = false});
  client.push(wire_frame{.kind = opcode::continuation, .fin = false});
  client.push(wire_frame{.kind = opcode::continuation});
  client.expect_push(usermsg("7", "7", "hollow"));
}

TEST_CASE("a ping between fragments is answered at once and the message stays whole") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto text = message_to("7", "around a ping");
  client.push(wire_frame{.payload = text.substr(0, 10), .fin = false});
  client.push(wire_frame{.kind = opcode::ping, .payload = "between"});
  client.expect_pong("between");
  client.push(wire_frame{.kind = opcode::pong, .payload = "unasked"});
  client.push(wire_frame{.kind = opcode::continuation, .payload = text.substr(10)});
  client.expect_push(usermsg("7", "7", "around a ping"));
}

TEST_CASE("a character of UTF-8 may be split between fragments") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const std::string said = "\xF0\x9F\x98\x80 \xE2\x82\xAC";
  const auto text = message_to("7", said);
  client.raw().write(in_fragments(text, text.size()));
  client.expect_push(usermsg("7", "7", said));
}

TEST_CASE("lengths of 7, 16 and 64 bits are read and written") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto bytes =
      GENERATE(std::size_t{125}, std::size_t{126}, std::size_t{127}, 64 * kib - 1, 64 * kib);
  INFO(bytes);
  std::string text;
  client.push(message_of(bytes, text));
  client.expect_push(usermsg("7", "7", text)); // the shortest form, see raw_client
}

TEST_CASE("answers of every length have the shortest form") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto overhead = usermsg("7", "7", "").size();
  const auto bytes =
      GENERATE(std::size_t{125}, std::size_t{126}, std::size_t{127}, 64 * kib - 1, 64 * kib);
  INFO(bytes);
  const std::string text(bytes - overhead, 'x');
  client.push(message_to("7", text));
  client.expect_push(usermsg("7", "7", text));
}

TEST_CASE("a length in a longer form than it needs is a protocol error") {
  // RFC 6455 section 5.2: "the minimal number of bytes MUST be used". Beast refuses others.
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  SECTION("125 bytes in 16 bits") {
    std::string text;
    client.push(wire_frame{.payload = message_of(125, text), .form = length_form::two_bytes});
  }
  SECTION("126 bytes in 64 bits") {
    std::string text;
    client.push(wire_frame{.payload = message_of(126, text), .form = length_form::eight_bytes});
  }
  SECTION("65,535 bytes in 64 bits") {
    std::string text;
    client.raw().write_until_refused(
        wire_frame{.payload = message_of(0xFFFF, text), .form = length_form::eight_bytes}.bytes());
  }
  SECTION("nothing in 16 bits") { client.push(wire_frame{.form = length_form::two_bytes}); }
  client.expect_close(1002);
}

TEST_CASE("a ping of 0 to 125 bytes is answered with the same bytes") {
  running_service server;
  ws_client client{server.endpoint()};
  std::string payload;
  for (unsigned size = 0; size <= 125; ++size) {
    client.push(wire_frame{.kind = opcode::ping, .payload = payload});
    client.expect_pong(payload);
    payload += static_cast<char>(size * 37 & 0xFFU); // any bytes, no text
  }
}

TEST_CASE("pings in a row are answered in order") {
  running_service server;
  ws_client client{server.endpoint()};
  std::string many;
  for (int number = 0; number < 100; ++number)
    many += wire_frame{.kind = opcode::ping, .payload = std::to_string(number)}.bytes();
  client.raw().write(many);
  for (int number = 0; number < 100; ++number)
    client.expect_pong(std::to_string(number));
}

TEST_CASE("a pong that nobody asked for is taken in silence") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  client.push(wire_frame{.kind = opcode::pong});
  client.push(wire_frame{.kind = opcode::pong, .payload = std::string(125, '\xFF')});
  client.expect_nothing_until_echo("7");
}

TEST_CASE("pongs never fall into the middle of what others send") {
  running_service server;
  auto reader = ws_client::registered(server.endpoint(), "7");
  auto writer = ws_client::registered(server.endpoint(), "5");
  const std::string text(8 * kib, 'x');
  constexpr int rounds = 50;
  for (int number = 0; number < rounds; ++number) {
    writer.push(message_to("7", text));
    reader.push(wire_frame{.kind = opcode::ping, .payload = std::to_string(number)});
  }
  const auto message = usermsg("5", "7", text);
  int pongs = 0;
  int messages = 0;
  while (pongs + messages < 2 * rounds) {
    const auto frame = reader.raw().read_frame();
    if (frame.kind == opcode::pong)
      REQUIRE(frame.payload == std::to_string(pongs++));
    else
      REQUIRE((frame.payload == message && ++messages > 0));
  }
  CHECK(pongs == rounds);
}

} // namespace klatch::sockets
