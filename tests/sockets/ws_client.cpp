#include "tests/sockets/ws_client.hpp"

#include "tests/catch.hpp"

namespace klatch::sockets {

namespace {

std::string json_string(std::string_view text) { return nlohmann::json(text).dump(); }

unsigned code_of(const server_frame& closing) {
  if (closing.payload.empty())
    return 1005; // RFC 6455 section 7.1.5: none was given
  REQUIRE(closing.payload.size() >= 2);
  return static_cast<unsigned>(static_cast<unsigned char>(closing.payload[0])) << 8U |
         static_cast<unsigned char>(closing.payload[1]);
}

} // namespace

std::string upgrade_request(std::string_view path, std::string_view more, std::string_view host) {
  std::string request{"GET "};
  request.append(path)
      .append(" HTTP/1.1\r\nHost: ")
      .append(host)
      .append("\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Key: ")
      .append(sample_key)
      .append("\r\nSec-WebSocket-Version: 13\r\n")
      .append(more)
      .append("\r\n");
  return request;
}

std::string registration(std::string_view id, std::string_view name, std::string_view color) {
  std::string text{R"({"type":"system","id":)"};
  return text.append(id)
      .append(R"(,"projectId":2424,"name":)")
      .append(json_string(name))
      .append(R"(,"color":)")
      .append(json_string(color))
      .append("}");
}

std::string message_to(std::string_view to, std::string_view text) {
  return R"({"type":"user","to_id":)" + json_string(to) + R"(,"message":)" + json_string(text) +
         "}";
}

std::string usermsg(std::string_view from, std::string_view to, std::string_view text,
                    std::string_view name, std::string_view color) {
  return R"({"type":"usermsg","name":)" + json_string(name) + R"(,"message":)" + json_string(text) +
         R"(,"color":)" + json_string(color) + R"(,"from":)" + json_string(from) + R"(,"to":)" +
         json_string(to) + "}";
}

std::string not_connected(std::string_view to) {
  return R"({"type":"system","message":)" + json_string(std::string{to} + " is not connected") +
         R"(,"error":"not_connected","to":)" + json_string(to) + "}";
}

ws_client::ws_client(const net::tcp_endpoint& to, int receive_buffer) : raw_(to, receive_buffer) {
  raw_.write(upgrade_request());
  const auto reply = raw_.read_reply();
  REQUIRE(reply.status == 101);
  REQUIRE(reply.fields.at("sec-websocket-accept") == sample_accept);
}

ws_client ws_client::registered(const net::tcp_endpoint& to, std::string_view id,
                                std::string_view name, int receive_buffer) {
  ws_client client{to, receive_buffer};
  client.push(registration(id, name));
  client.expect_push(acknowledged);
  return client;
}

void ws_client::push(const wire_frame& frame) {
  close_sent_ = close_sent_ || frame.kind == opcode::close;
  raw_.write(frame.bytes());
}

void ws_client::push_close(unsigned code) {
  push(wire_frame{.kind = opcode::close, .payload = close_payload(code)});
}

server_frame ws_client::expect(unsigned kind) {
  auto frame = raw_.read_frame();
  // A ping with a payload asks what has come, and is answered at once, as browsers do.
  for (; frame.kind == opcode::ping && kind != opcode::ping && !frame.payload.empty();
       frame = raw_.read_frame())
    push(wire_frame{.kind = opcode::pong, .payload = frame.payload});
  INFO("came: " << frame.payload.substr(0, 300));
  REQUIRE(frame.kind == kind);
  REQUIRE(frame.fin);
  return frame;
}

void ws_client::expect_push(std::string_view text) {
  const auto frame = expect(opcode::text);
  REQUIRE(frame.payload == text);
}

nlohmann::json ws_client::expect_error(std::string_view code) {
  auto said = nlohmann::json::parse(expect(opcode::text).payload);
  INFO("came: " << said.dump().substr(0, 300));
  REQUIRE(said.at("type") == "system");
  REQUIRE(said.at("error") == code);
  REQUIRE_FALSE(said.at("message").get<std::string>().empty());
  return said;
}

void ws_client::expect_pong(std::string_view payload) {
  const auto frame = expect(opcode::pong);
  REQUIRE(frame.payload == payload);
}

void ws_client::expect_close(unsigned code) { expect_close(code, code); }

void ws_client::expect_close(unsigned code, unsigned other) {
  const auto frame = expect(opcode::close);
  const auto got = code_of(frame);
  INFO("closed with " << got << ", expected " << code);
  REQUIRE((got == code || got == other));
  finish_closing();
}

void ws_client::finish_closing() {
  // A server that failed the connection need not read the answer.
  if (!close_sent_)
    raw_.write_until_refused(
        wire_frame{.kind = opcode::close, .payload = close_payload(1000)}.bytes());
  raw_.expect_end();
}

void ws_client::expect_nothing_until_echo(std::string_view id, std::string_view name) {
  const auto text = "echo " + std::to_string(++echoes_);
  push(message_to(id, text));
  expect_push(usermsg(id, id, text, name));
}

} // namespace klatch::sockets
