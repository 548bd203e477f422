/// The opening handshake (RFC 6455 sections 1.3 and 4.2).
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

namespace {

/// The connection works: it registers and is sent its own message.
void expect_working(raw_client& client) {
  client.write(wire_frame{.payload = registration("7")}.bytes() +
               wire_frame{.payload = message_to("7", "hi")}.bytes());
  CHECK(client.read_frame().payload == acknowledged);
  CHECK(client.read_frame().payload == usermsg("7", "7", "hi"));
}

std::string without_line(std::string request, std::string_view name) {
  const auto begin = request.find(name);
  REQUIRE(begin != std::string::npos);
  return request.erase(begin, request.find("\r\n", begin) + 2 - begin);
}

std::string with(std::string request, std::string_view text, std::string_view other) {
  const auto begin = request.find(text);
  REQUIRE(begin != std::string::npos);
  return request.replace(begin, text.size(), other);
}

} // namespace

TEST_CASE("the handshake of RFC 6455 section 1.3 is answered to the letter") {
  auto options = usual_options();
  options.network.allow_origins = {"http://example.com"};
  running_service server{options};
  raw_client client{server.endpoint()};
  client.write("GET /chat HTTP/1.1\r\n"
               "Host: server.example.com\r\n"
               "Upgrade: websocket\r\n"
               "Connection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
               "Origin: http://example.com\r\n"
               "Sec-WebSocket-Protocol: chat, superchat\r\n"
               "Sec-WebSocket-Version: 13\r\n\r\n");
  const auto head = client.read_line_block();
  CHECK(head.starts_with("HTTP/1.1 101 "));
  CHECK(head.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
        std::string::npos);
  // Section 4.2.2: nothing is agreed on that the server does not speak.
  CHECK(head.find("Sec-WebSocket-Protocol") == std::string::npos);
  CHECK(head.find("Sec-WebSocket-Extensions") == std::string::npos);
  expect_working(client);
}

TEST_CASE("any path is a WebSocket's") {
  running_service server;
  const auto* path = GENERATE("/chat/server.php", "/chat/server.php:9000", "/ws", "/a/b?c=d&e=%20");
  raw_client client{server.endpoint()};
  client.write(upgrade_request(path));
  const auto reply = client.read_reply();
  INFO(path);
  CHECK(reply.status == 101);
  CHECK(reply.fields.at("sec-websocket-accept") == sample_accept);
  expect_working(client);
}

TEST_CASE("names of header fields and their tokens are taken in any case") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write("GET /chat HTTP/1.1\r\n"
               "HOST: server.example.com\r\n"
               "upgrade: WebSocket\r\n"
               "connection: keep-alive, upgrade\r\n"
               "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
               "SEC-WEBSOCKET-VERSION: 13\r\n\r\n");
  CHECK(client.read_reply().status == 101);
  expect_working(client);
}

TEST_CASE("frames that follow the upgrade request in the same segment are taken") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write(upgrade_request() + wire_frame{.payload = registration("7")}.bytes() +
               wire_frame{.payload = message_to("7", "early")}.bytes());
  CHECK(client.read_reply().status == 101);
  CHECK(client.read_frame().payload == acknowledged);
  CHECK(client.read_frame().payload == usermsg("7", "7", "early"));
}

TEST_CASE("half a frame may follow the upgrade request in the same segment") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto frame = wire_frame{.payload = registration("7")}.bytes();
  client.write(upgrade_request() + frame.substr(0, 5));
  CHECK(client.read_reply().status == 101);
  client.write(frame.substr(5));
  CHECK(client.read_frame().payload == acknowledged);
}

TEST_CASE("a request and frames that come byte by byte are taken") {
  running_service server;
  raw_client client{server.endpoint()};
  for (const char byte : upgrade_request())
    client.write({&byte, 1});
  CHECK(client.read_reply().status == 101);
  for (const char byte : wire_frame{.payload = registration("7")}.bytes())
    client.write({&byte, 1});
  CHECK(client.read_frame().payload == acknowledged);
}

TEST_CASE("an upgrade may follow a page's request on the same connection") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + upgrade_request());
  CHECK(client.read_reply().status == 200);
  CHECK(client.read_reply().status == 101);
  expect_working(client);
}

TEST_CASE("an upgrade with a body is refused, and the body is not taken for frames") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto frame = wire_frame{.payload = registration("7")}.bytes();
  client.write("GET /chat HTTP/1.1\r\n"
               "Host: a\r\n"
               "Upgrade: websocket\r\n"
               "Connection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
               "Sec-WebSocket-Version: 13\r\n"
               "Content-Length: " +
               std::to_string(frame.size()) + "\r\n\r\n" + frame);
  CHECK(client.read_reply().status == 400);
  client.expect_end();
}

TEST_CASE("a handshake that is none is refused") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto valid = upgrade_request();
  SECTION("without a key") {
    client.write(without_line(valid, "Sec-WebSocket-Key"));
    CHECK(client.read_reply().status == 400);
    client.expect_end();
  }
  SECTION("without a version") {
    client.write(without_line(valid, "Sec-WebSocket-Version"));
    CHECK(client.read_reply().status == 400);
    client.expect_end();
  }
  SECTION("of another version: the answer names ours (section 4.4)") {
    client.write(with(valid, "Version: 13", "Version: 8"));
    const auto reply = client.read_reply();
    CHECK((reply.status == 400 || reply.status == 426));
    CHECK(reply.fields.at("sec-websocket-version") == "13");
    client.expect_end();
  }
  SECTION("without a host") {
    client.write(without_line(valid, "Host"));
    CHECK(client.read_reply().status == 400);
    client.expect_end();
  }
  SECTION("without Upgrade: it is a request for a file that is not there") {
    client.write(without_line(valid, "Upgrade: websocket"));
    CHECK(client.read_reply().status == 404);
  }
  SECTION("in HTTP/1.0") {
    client.write(with(valid, "HTTP/1.1", "HTTP/1.0"));
    CHECK(client.read_reply().status == 404);
  }
  SECTION("with POST") {
    client.write(with(valid, "GET", "POST"));
    CHECK(client.read_reply().status == 405);
  }
}

} // namespace klatch::sockets
