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
               "Host: localhost\r\n"
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
               "HOST: localhost\r\n"
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
  client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + upgrade_request());
  CHECK(client.read_reply().status == 200);
  CHECK(client.read_reply().status == 101);
  expect_working(client);
}

TEST_CASE("an upgrade with a body is refused, and the body is not taken for frames") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto frame = wire_frame{.payload = registration("7")}.bytes();
  client.write("GET /chat HTTP/1.1\r\n"
               "Host: localhost\r\n"
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
    CHECK(reply.status == 426);
    CHECK(reply.fields.at("sec-websocket-version") == "13");
    client.expect_end();
  }
  SECTION("without a host") {
    client.write(without_line(valid, "Host"));
    CHECK(client.read_reply().status == 400);
    client.expect_end();
  }
  SECTION("with POST") {
    client.write(with(valid, "GET", "POST"));
    CHECK(client.read_reply().status == 405);
  }
}

TEST_CASE("a list of the handshake may stand in several lines") {
  running_service server;
  raw_client client{server.endpoint()};
  SECTION("Connection") {
    client.write(with(upgrade_request(), "Connection: Upgrade",
                      "Connection: keep-alive\r\nConnection: Upgrade"));
  }
  SECTION("Upgrade") {
    client.write(with(upgrade_request(), "Upgrade: websocket",
                      "Upgrade: h2c\r\nX: y\r\nUpgrade: websocket"));
  }
  SECTION("the end of the connection, which is asked for in a line of its own") {
    client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: x\r\n"
                 "Connection: close\r\n\r\n");
    CHECK(client.read_reply().status == 200);
    return client.expect_end();
  }
  const auto reply = client.read_reply();
  CHECK(reply.status == 101);
  CHECK(reply.fields.at("sec-websocket-accept") == sample_accept);
  expect_working(client);
}

TEST_CASE("a key that is not 16 bytes of base64, once, is refused with 400") {
  running_service server;
  const auto key = GENERATE(values<std::string>(
      {"", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
       "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZSEh",
       "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25j Q==", std::string(200, 'A'),
       "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}));
  INFO(key);
  raw_client client{server.endpoint()};
  client.write(with(upgrade_request(), sample_key, key));
  const auto reply = client.read_reply();
  CHECK(reply.status == 400);
  CHECK(reply.body.find("Sec-WebSocket-Key") != std::string::npos);
  client.expect_end();
}

TEST_CASE("a WebSocket request without its upgrade says what a proxy has to pass on") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto valid = upgrade_request();
  SECTION("without Upgrade") { client.write(without_line(valid, "Upgrade: websocket")); }
  SECTION("without Connection") { client.write(without_line(valid, "Connection: Upgrade")); }
  SECTION("with another Connection") {
    client.write(with(valid, "Connection: Upgrade", "Connection: close"));
  }
  SECTION("in HTTP/1.0, as nginx does it by itself") {
    client.write(with(valid, "HTTP/1.1", "HTTP/1.0"));
  }
  const auto reply = client.read_reply();
  CHECK(reply.status == 426);
  CHECK(reply.fields.at("upgrade") == "websocket");
  CHECK(reply.fields.at("connection") == "Upgrade, close");
  CHECK(reply.body.find("proxy_http_version 1.1") != std::string::npos);
  CHECK(reply.body.find("Connection") != std::string::npos);
  client.expect_end();
}

TEST_CASE("the first offered subprotocol that is ours is agreed on, and no other") {
  running_service server;
  const auto [offered, agreed] = GENERATE(table<std::string, std::string>({
      {"klatch.v1", "klatch.v1"},
      {"klatch.v2", "klatch.v2"},
      {"klatch.v2, klatch.v1", "klatch.v2"},
      {"chat, klatch.v1, klatch.v2", "klatch.v1"},
      {"chat\r\nSec-WebSocket-Protocol: klatch.v2", "klatch.v2"},
      {"Klatch.v1, klatch.v3, klatch", ""},
      {"superchat", ""},
  }));
  INFO(offered);
  raw_client client{server.endpoint()};
  client.write(upgrade_request("/ws", "Sec-WebSocket-Protocol: " + offered + "\r\n"));
  const auto reply = client.read_reply();
  CHECK(reply.status == 101);
  CHECK(reply.fields.count("sec-websocket-protocol") == (agreed.empty() ? 0U : 1U));
  if (!agreed.empty())
    CHECK(reply.fields.at("sec-websocket-protocol") == agreed);
  expect_working(client);
}

TEST_CASE("a target in absolute form is an upgrade's as well") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write(upgrade_request("http://localhost:9001/ws"));
  CHECK(client.read_reply().status == 101);
  expect_working(client);
}

} // namespace klatch::sockets
