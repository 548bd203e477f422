/// A WebSocket on its worker.
#pragma once

#include "actors/connection/transport.hpp"
#include "messages/interfaces.hpp"
#include "net/stream/admission.hpp"
#include "net/stream/client_socket.hpp"
#include "net/stream/session.hpp"
#include "net/stream/session_host.hpp"
#include "net/stream/upgraded.hpp"
#include "net/websocket/client_input.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace klatch::net {

/// Reads frames into its worker's buffer once there are any, and hands the messages to its
/// connection actor; writes what that sends through its socket. So an idle one holds no buffer at
/// all. Keeps the connection alive with pings (RFC 6455 section 5.5.2) and closes it in bounded
/// time.
class ws_session final : public session,
                         public socket_owner,
                         public actors::transport,
                         public std::enable_shared_from_this<ws_session> {
public:
  /// Takes the socket of `before` over, which has nothing to write.
  ws_session(session_host& host, client_socket&& before, admission slot);

  /// Answers the upgrade; `early` is what the client sent behind it.
  /// `token`: of the upgrade, or empty.
  void start(const http_request& upgrade, std::string early, std::string token);

  void send(const frame& message) override;
  void ping(std::string_view payload) override;
  using transport::close;
  void close(close_code code, std::string_view reason) override;
  void pause() override { paused_ = true; }
  void resume() override;
  bool drained() const override { return socket_.idle(); }
  void call_when_drained() override { calls_when_drained_ = true; }
  void call_when_token_is_due(std::chrono::milliseconds delay) override;
  std::string peer() const override { return slot_.from().to_string(); }
  std::string network() const override { return network_of(slot_.from()).to_string(); }

  std::size_t held_bytes() const noexcept override {
    return socket_.output_bytes() + input_.bytes();
  }
  void shed() override;
  void abort() override { close_socket(); }
  void on_access_changed(const access_rules& before) override;

private:
  /// Only ever goes forward; any may be passed over.
  enum class phase : std::uint8_t {
    open,
    closing,   ///< our close frame is sent: frames are read until the client's comes
    finishing, ///< no more frames either way: what waits is written
    lingering, ///< our side of the socket is shut, and what comes is discarded
    closed     ///< the socket is gone
  };

  /// Enters `next`, which is after the phase it is in. Returns the one that it leaves.
  phase enter(phase next) noexcept;
  /// Tells the connection that no more frames are read, unless it has left `open` before.
  void announce_closing(phase left);
  /// Nothing more is sent: ends the connection as soon as all is written.
  void finish();
  /// All output is written: shuts down the sending side and waits for the client to close, so that
  /// it can read everything (lingering close).
  void linger();
  void close_socket();

  void on_readable() override;
  void read_frames(std::span<char> input);
  void resume_reading();
  void discard_input();
  /// Returns true if frames are read: not while the connection has paused, but until the client's
  /// close frame once it closes.
  bool reads_frames() const noexcept {
    return phase_ == phase::closing || (phase_ == phase::open && !paused_);
  }

  void on_frame(const read_result& found);
  void on_message(std::string_view text);
  void on_ping(std::string_view payload);
  void on_client_close(const read_result& found);
  void on_violation(const read_result& found);
  void count_input(std::size_t bytes);

  void append(opcode kind, std::string_view payload);
  void on_overflow();
  /// Drops what its client has not taken and closes.
  void close_slow();
  void on_idle() override;
  void on_write_error() override { close_socket(); }
  void on_deadline() override;
  /// Sets the next deadline of an open connection: in `delay`, or when its token is due.
  void schedule_next(std::chrono::milliseconds delay);
  bool token_is_due() const noexcept { return token_due_ <= host_.now(); }

  actors::connection* connection() const noexcept;
  buffer_pool& buffers() const noexcept { return socket_.home().buffers(); }
  worker_counters& counters() const noexcept { return socket_.home().counters(); }

  static constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();

  client_socket socket_;
  session_host& host_;
  client_input input_;
  connection_actor connection_;          ///< null once closed
  [[no_unique_address]] admission slot_; // what follows may stand in its padding
  std::uint32_t heard_ = 0;              ///< tick of the last sign of life
  std::uint32_t token_due_ = never;      ///< tick at which the connection is told
  phase phase_ = phase::open;
  bool registration_due_ = true; ///< its time has yet to pass
  bool calls_when_drained_ = false;
  bool paused_ : 1 = false;      ///< by the connection
  bool in_read_ : 1 = false;     ///< frames of `input_` are being looked at
  bool peer_closed_ : 1 = false; ///< the client's close frame has come
};

/// Takes a connection over that asks for a WebSocket, and answers it.
void begin_ws_session(upgraded connection);

} // namespace klatch::net
