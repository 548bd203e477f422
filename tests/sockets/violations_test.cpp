/// Frames that are against RFC 6455: the right close code comes, the connection ends in order, and
/// nobody else notices.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

TEST_CASE("control frames are at most 125 bytes and in one piece") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto kind = GENERATE(opcode::close, opcode::ping, opcode::pong);
  const bool too_long = GENERATE(false, true);
  INFO("opcode " << kind << (too_long ? ", 126 bytes" : ", fragmented"));
  client.push(wire_frame{.kind = kind,
                         .payload = too_long ? std::string(126, '\x03') : std::string{},
                         .fin = too_long});
  client.expect_close(1002);
}

TEST_CASE("a client's frames are masked") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto kind = GENERATE(opcode::text, opcode::ping, opcode::close);
  INFO("opcode " << kind);
  client.push(wire_frame{.kind = kind, .masked = false});
  client.expect_close(1002);
}

TEST_CASE("reserved bits are not set") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto kind = GENERATE(opcode::text, opcode::ping);
  const auto bits = GENERATE(range(1U, 8U));
  INFO("opcode " << kind << ", bits " << bits);
  client.push(wire_frame{.kind = kind, .payload = "{}", .reserved = bits});
  client.expect_close(1002);
}

TEST_CASE("reserved opcodes are not used") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto kind = GENERATE(0x3U, 0x4U, 0x5U, 0x6U, 0x7U, 0xBU, 0xCU, 0xDU, 0xEU, 0xFU);
  INFO("opcode " << kind);
  client.push(wire_frame{.kind = kind});
  client.expect_close(1002);
}

TEST_CASE("fragments come in order") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  SECTION("no continuation without a start") {
    client.push(wire_frame{.kind = opcode::continuation, .payload = "{}"});
  }
  SECTION("no continuation after the end") {
    client.raw().write(in_fragments(message_to("7", "hi"), 2));
    client.expect_push(usermsg("7", "7", "hi"));
    client.push(wire_frame{.kind = opcode::continuation});
  }
  SECTION("no new message within a fragmented one") {
    const auto kind = GENERATE(opcode::text, opcode::binary);
    client.push(wire_frame{.payload = "{", .fin = false});
    client.push(wire_frame{.kind = kind, .payload = "}"});
  }
  client.expect_close(1002);
}

TEST_CASE("a text is valid UTF-8") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto bytes =
      GENERATE(values<std::string>({"\xFF", "\x80", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80",
                                    "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE0\x80\xAF"}));
  const auto count = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{60});
  INFO(count << " fragments");
  auto text = message_to("7", "here ()");
  text.insert(text.find(')'), bytes);
  client.raw().write_until_refused(in_fragments(text, count));
  client.expect_close(1007);
}

TEST_CASE("a text does not end within a character") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto text =
      message_to("7", "hi") + GENERATE(values<std::string>({"\xC3", "\xE2\x82", "\xF0\x9F\x98"}));
  SECTION("in one frame") { client.push(text); }
  SECTION("in fragments") { client.raw().write_until_refused(in_fragments(text, 3)); }
  SECTION("in fragments of which the last is empty") { // Beast 1.81 takes it.
    client.push(wire_frame{.payload = text, .fin = false});
    client.push(wire_frame{.kind = opcode::continuation});
  }
  SECTION("with the character alone before the empty one") {
    client.push(wire_frame{.payload = message_to("7", "hi"), .fin = false});
    client.push(wire_frame{.kind = opcode::continuation,
                           .payload = text.substr(message_to("7", "hi").size()),
                           .fin = false});
    client.push(wire_frame{.kind = opcode::continuation});
  }
  client.expect_close(1007);
}

TEST_CASE("binary messages are not taken") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  SECTION("one frame") {
    client.push(wire_frame{.kind = opcode::binary, .payload = message_to("7", "hi")});
  }
  SECTION("empty") { client.push(wire_frame{.kind = opcode::binary}); }
  SECTION("fragments") {
    client.push(wire_frame{.kind = opcode::binary, .payload = "\xFF", .fin = false});
    client.push(wire_frame{.kind = opcode::continuation, .payload = "\xFE"});
  }
  client.expect_close(1003);
}

TEST_CASE("a frame over the limit is refused from its header alone") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto length =
      GENERATE(limits{}.frame_bytes + 1, std::uint64_t{1} << 32U, (std::uint64_t{1} << 63U) - 1,
               std::uint64_t{1} << 63U, ~std::uint64_t{0});
  INFO(length << " bytes announced, none sent");
  client.push(wire_frame{.announced = length});
  // With the highest bit set it is no length at all (RFC 6455 section 5.2).
  client.expect_close(1009, length >> 63U != 0 ? 1002 : 1009);
}

TEST_CASE("fragments that add up to more than the limit are refused from a header alone") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto rest = limits{}.frame_bytes - 100 * kib;
  client.push(wire_frame{.payload = std::string(100 * kib, ' '), .fin = false});
  client.push(wire_frame{.kind = opcode::continuation, .announced = rest + 1});
  client.expect_close(1009);
}

TEST_CASE("a client that goes on sending what was refused still reads why") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  // The server has to take it in: a socket that is closed with data unread resets the connection,
  // and its close frame is lost.
  const wire_frame huge{.payload = std::string(4 * kib * kib, 'x')};
  CHECK(client.raw().write_until_refused(huge.bytes()) == huge.bytes().size());
  client.expect_close(1009);
}

TEST_CASE("every frame up to the limit is taken, and a text over 64 KiB only is refused by it") {
  constexpr auto largest = limits{}.frame_bytes;
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  SECTION("of spaces") {
    auto text = message_to("7", "hi");
    text.append(largest - text.size(), ' ');
    client.push(text);
    client.expect_push(usermsg("7", "7", "hi"));
  }
  SECTION("of text") {
    const auto room = largest - message_to("7", "").size();
    client.push(message_to("7", std::string(room, 'x')));
    client.expect_error("too_large");
  }
  SECTION("in fragments") {
    const auto room = largest - message_to("7", "").size();
    client.raw().write(in_fragments(message_to("7", std::string(room, 'x')), 7));
    client.expect_error("too_large");
  }
  SECTION("one byte over 64 KiB of text") {
    client.push(message_to("7", std::string(64 * kib + 1, 'x')));
    client.expect_error("too_large");
  }
  SECTION("64 KiB of text, every byte of it in an escape") {
    std::string escaped;
    for (std::size_t i = 0; i < 64 * kib; ++i)
      escaped += "\\u0041";
    client.push(R"({"type":"user","to_id":7,"message":")" + escaped + "\"}");
    client.expect_push(usermsg("7", "7", std::string(64 * kib, 'A')));
  }
  SECTION("64 KiB of text") {
    const std::string text(64 * kib, 'x');
    client.push(message_to("7", text));
    client.expect_push(usermsg("7", "7", text));
  }
  client.expect_nothing_until_echo("7");
}

TEST_CASE("what one client gets wrong, others do not notice") {
  running_service server;
  auto one = ws_client::registered(server.endpoint(), "1");
  auto two = ws_client::registered(server.endpoint(), "2");
  for (int round = 0; round < 20; ++round) {
    ws_client wrong{server.endpoint()};
    wrong.push(registration("1", "impostor"));
    const auto text = "message " + std::to_string(round);
    one.push(message_to("2", text));
    wrong.push(wire_frame{.kind = 0x3U});
    two.expect_push(usermsg("1", "2", text));
    two.push(message_to("1", text));
    one.expect_push(usermsg("2", "1", text));
    wrong.raw().drain_to_end();
  }
}

} // namespace klatch::sockets
