/// One WebSocket connection.
#pragma once

#include "bench/peers/beast/registry.hpp"
#include "messages/errors.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/wire/commands.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace peer {

/// Reads frames, registers and routes them, and writes what is sent to it from a queue, one
/// message after the other. Everything happens on the strand of its socket, but for `send`.
class session : public std::enable_shared_from_this<session> {
public:
  /// `socket` has a strand for an executor; `users` outlives all sessions.
  session(boost::asio::ip::tcp::socket socket, registry& users);

  void run();

  /// Queues a text message. May be called from any thread.
  void send(klatch::frame text);

private:
  using error_code = boost::system::error_code;

  void on_accept(error_code error);
  void read();
  void on_read(error_code error);
  void take(const klatch::registration& asked);
  void take(const klatch::user_message& asked);
  void refuse(klatch::error_code code);
  void queue(klatch::frame text);
  void write();
  void on_write(error_code error);
  void leave();

  boost::beast::websocket::stream<boost::beast::tcp_stream, false> socket_;
  registry& users_;
  boost::beast::flat_buffer in_;
  std::deque<klatch::frame> out_;
  std::size_t waiting_bytes_ = 0;
  /// Who has registered.
  struct member {
    klatch::user_key key;
    std::string name;
    std::string color;
  };
  std::optional<member> me_;
};

} // namespace peer
