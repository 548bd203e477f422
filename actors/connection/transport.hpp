/// What a connection actor needs of its socket.
#pragma once

#include "messages/errors.hpp"
#include "messages/frame.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace klatch::actors {

/// The way out to one client. Used on the connection's home worker only; no call blocks, none
/// throws.
///
/// In return the transport calls its connection's `on_text` for every message, in order;
/// `on_pong` for every pong; `on_registration_due` once, when the time to register is over;
/// `on_drained` and `on_token_due`, when it was asked for; `on_closing` once when it takes no more
/// frames; and `on_closed` once, last, when the socket is gone, which `close` makes sure of in
/// bounded time.
class transport {
public:
  virtual ~transport() = default;

  /// Queues `message` behind what was sent before. What waits is bounded: over the bound the
  /// transport closes itself with `slow` and drops what no byte of has gone out. After `close` it
  /// does nothing.
  virtual void send(const frame& message) = 0;

  /// Sends a ping behind what was sent before. Its answer is told by `on_pong` with the same
  /// payload, of at most 125 bytes, also after `close`.
  virtual void ping(std::string_view payload) = 0;

  /// Closes with `code` once everything queued is out. Only the first call counts. `reason`: at
  /// most 123 bytes.
  virtual void close(close_code code, std::string_view reason) = 0;
  void close(close_code code) { close(code, describe(code).reason); }

  /// Takes nothing more from the client until `resume`: at most one message is in the connection's
  /// hands.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Returns true if all that was sent has been handed to the system.
  virtual bool drained() const = 0;
  /// Calls the connection's `on_drained`, once, when that is so. Not while it is.
  virtual void call_when_drained() = 0;

  /// Calls the connection's `on_token_due` once, in `delay` or a little later, while the transport
  /// takes frames. A later call takes the place of an earlier one.
  virtual void call_when_token_is_due(std::chrono::milliseconds delay) = 0;

  /// The client's address, numeric, without its port.
  virtual std::string peer() const = 0;
  /// What counts as one address under a limit: of an IPv6 address its first 64 bits.
  virtual std::string network() const { return peer(); }
};

} // namespace klatch::actors
