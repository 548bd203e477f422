/// How frames of the plain dialect travel in the WebSocket messages that a server understands.
#pragma once

#include "bench/load/websocket.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace load {

/// What a carrier finds in what a server says. Views are valid during the call.
class carrier_events {
public:
  /// The server takes this client's registration now.
  virtual void on_ready(std::size_t client) = 0;
  /// A frame for the client has come.
  virtual void on_frame(std::size_t client, std::string_view frame) = 0;
  /// The server has to be told this, which is a whole message.
  virtual void on_reply(std::size_t client, std::string_view message) = 0;
  /// The same, if it answers a ping.
  virtual void on_ping(std::size_t client, std::string_view answer) = 0;

protected:
  carrier_events() = default;
  ~carrier_events() = default;
};

/// For any number of clients. `take` throws `failure` for what the server must not say.
class carrier {
public:
  virtual ~carrier() = default;

  /// Of all messages, both ways.
  virtual opcode op() const = 0;
  /// The client's connection is upgraded, maybe not for the first time.
  virtual void opened(std::size_t client, carrier_events& events) = 0;
  /// The message that says `frame` to the server. Valid until the next call.
  virtual std::string_view wrap(std::string_view frame) = 0;
  /// A message from the server.
  virtual void take(std::size_t client, std::string_view message, carrier_events& events) = 0;

protected:
  carrier() = default;
  carrier(const carrier&) = delete;
  carrier& operator=(const carrier&) = delete;
};

enum class carrier_kind : std::uint8_t {
  plain,    ///< a frame is a message
  socketio, ///< Socket.IO 5 on Engine.IO 4: a frame is the payload of an event named for its type
  nats      ///< NATS: a subject a user; what is published is what the recipient gets
};

std::unique_ptr<carrier> make_carrier(carrier_kind kind, std::size_t clients);

} // namespace load
