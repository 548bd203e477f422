/// The closing handshake and its codes (RFC 6455 sections 5.5.1, 7.1 and 7.4).
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

TEST_CASE("a close is answered with its own code") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto code = GENERATE(1000U, 1001U, 1003U, 1008U, 1011U, 3000U, 3999U, 4000U, 4999U);
  INFO(code);
  client.push_close(code);
  client.expect_close(code);
}

TEST_CASE("a close without a code is answered") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  client.push(wire_frame{.kind = opcode::close});
  client.expect_close(1000, 1005);
}

TEST_CASE("a close with a reason is answered") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto reason = GENERATE(values<std::string>({"bye", "\xE2\x82\xAC", std::string(123, 'x')}));
  client.push(wire_frame{.kind = opcode::close, .payload = close_payload(1000, reason)});
  client.expect_close(1000);
}

TEST_CASE("a close with a code that nobody may send is a protocol error") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto code = GENERATE(0U, 1U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U,
                             5000U, 5001U, 65535U);
  INFO(code);
  client.push(wire_frame{.kind = opcode::close, .payload = close_payload(code)});
  client.expect_close(1002);
}

TEST_CASE("a close with half a code is a protocol error") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  client.push(wire_frame{.kind = opcode::close, .payload = "\x03"});
  client.expect_close(1002);
}

TEST_CASE("a close's reason is valid UTF-8") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto reason = GENERATE(values<std::string>({"\xFF", "bye \xE2\x82", "\xC0\xAF"}));
  client.push(wire_frame{.kind = opcode::close, .payload = close_payload(1000, reason)});
  client.expect_close(1007, 1002);
}

TEST_CASE("a close may come between fragments") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  client.push(wire_frame{.payload = "{", .fin = false});
  client.push_close(1000);
  client.expect_close(1000);
}

TEST_CASE("no frame is taken after a close") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  client.raw().write(wire_frame{.payload = message_to("5", "before")}.bytes() +
                     wire_frame{.kind = opcode::close, .payload = close_payload(1000)}.bytes() +
                     wire_frame{.payload = message_to("5", "after")}.bytes());
  other.expect_push(usermsg("7", "5", "before"));
  const auto frame = client.raw().read_frame();
  CHECK(frame.kind == opcode::close);
  client.raw().drain_to_end();
  other.expect_nothing_until_echo("5");
}

TEST_CASE("a client that does not answer a close is given up") {
  auto options = usual_options();
  options.network.times.tick = std::chrono::milliseconds{10};
  options.network.times.close = std::chrono::milliseconds{100};
  running_service server{options};
  ws_client client{server.endpoint()};
  client.push(message_to("5", "too early"));
  client.expect_error("not_registered");
  CHECK(client.raw().read_frame().payload.substr(0, 2) == close_payload(4401));
  client.raw().expect_end();
}

TEST_CASE("a client that only ends its side of the TCP connection is gone") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  client.raw().shut_down();
  client.raw().expect_end();
}

} // namespace klatch::sockets
