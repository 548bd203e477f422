/// A chat client for scripts of `push` and `expect_push`.
#pragma once

#include "messages/errors.hpp"
#include "tests/sockets/raw_client.hpp"
#include "tests/sockets/wire_frame.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace klatch::sockets {

/// The key of the example in RFC 6455 section 1.3, and what has to be answered to it.
inline constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A valid upgrade request; `more`: further header fields, each with its line end.
std::string upgrade_request(std::string_view path = "/chat/server.php", std::string_view more = {},
                            std::string_view host = "localhost");

/// What the original page sends to register in project 2424. `id` as it stands in the JSON.
std::string registration(std::string_view id, std::string_view name = "mks",
                         std::string_view color = "#F00");

inline constexpr std::string_view acknowledged =
    R"({"type":"system","message":"Initial message received"})";

/// A message for `to` with nothing more than it needs.
std::string message_to(std::string_view to, std::string_view text);

/// What the recipient of a message is sent.
std::string usermsg(std::string_view from, std::string_view to, std::string_view text,
                    std::string_view name = "mks", std::string_view color = "#F00");

std::string not_connected(std::string_view to);

/// A WebSocket that has been upgraded. Reads nothing by itself and answers nothing by itself.
class ws_client {
public:
  explicit ws_client(const net::tcp_endpoint& to, int receive_buffer = 0);

  /// Upgraded and registered; `id` as it stands in the JSON.
  static ws_client registered(const net::tcp_endpoint& to, std::string_view id,
                              std::string_view name = "mks", int receive_buffer = 0);

  void push(std::string_view text) { push(wire_frame{.payload = std::string{text}}); }
  void push(const wire_frame& frame);
  void push_close(unsigned code);

  /// The next frame is this text.
  void expect_push(std::string_view text);
  /// The next frame is an error of this code, in the plain dialect.
  nlohmann::json expect_error(std::string_view code);
  void expect_ping() { expect(opcode::ping); }
  void expect_pong(std::string_view payload);
  /// The next frame closes with this code; then the closing handshake ends the connection in order.
  void expect_close(unsigned code);
  /// The same, with one of two codes.
  void expect_close(unsigned code, unsigned other);

  /// Everything sent before has been dealt with: a message to itself has come back, and nothing
  /// before it. Takes the id it is registered with.
  void expect_nothing_until_echo(std::string_view id, std::string_view name = "mks");

  raw_client& raw() noexcept { return raw_; }

private:
  server_frame expect(unsigned kind);
  void finish_closing();

  raw_client raw_;
  bool close_sent_ = false;
  unsigned echoes_ = 0;
};

} // namespace klatch::sockets
