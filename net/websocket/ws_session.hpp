/// A WebSocket on its worker.
#pragma once

#include "actors/connection/transport.hpp"
#include "messages/interfaces.hpp"
#include "net/http/http_types.hpp"
#include "net/stream/admission.hpp"
#include "net/stream/client_socket.hpp"
#include "net/stream/session.hpp"
#include "net/stream/session_host.hpp"
#include "net/websocket/frame_reader.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace klatch::net {

/// Reads frames into its worker's buffer once there are any, and hands the messages to its
/// connection actor; writes what that sends through the cork. So an idle one holds no buffer at
/// all. Keeps the connection alive with pings (RFC 6455 section 5.5.2) and closes it in bounded
/// time.
class ws_session final : public session,
                         public client_socket,
                         public actors::transport,
                         public std::enable_shared_from_this<ws_session> {
public:
  /// Takes the socket of `before` over, which has nothing to write.
  ws_session(session_host& where, client_socket&& before, admission place);

  /// Answers the upgrade; `early` is what the client sent behind it.
  void start(const http_request& upgrade, std::string early);

  void send(const frame& message) override;
  void ping(std::string_view payload) override;
  void close(close_code code) override;
  void pause() override;
  void resume() override;
  bool drained() const override { return idle(); }
  void call_when_drained() override { calls_when_drained_ = true; }
  std::string peer() const override { return place_.from().to_string(); }

  std::size_t held_bytes() const noexcept override { return output_bytes() + input_bytes(); }
  void shed() override;
  void abort() override;

private:
  void on_readable() override;
  void read_frames(std::span<char> input);
  void take_left_over();
  read_result next_frame(std::span<char>& input);
  void keep_left_over(std::string input);
  std::size_t input_bytes() const noexcept;
  void drop_input() noexcept;
  void resume_reading();
  void take(const read_result& found);
  void answer_ping(std::string_view payload);
  void count_input(std::size_t bytes);
  void take_message(std::string_view text);
  void on_client_close(const read_result& found);
  void on_violation(const read_result& found);
  /// Whether frames are read: not while the connection has paused, but until its end once it
  /// closes.
  bool takes_frames() const noexcept { return !finishing_ && !closed_ && (!paused_ || closing_); }

  /// Nothing more is sent: ends the connection as soon as all is written.
  void finish();
  /// All is written: says so to the client, and waits for it to close so that it can read all of
  /// it.
  void linger();
  void discard_input();
  void close_socket();
  void announce_closing();

  void on_deadline() override;
  void on_overflow();
  void on_idle() override;
  void on_write_error() override { close_socket(); }

  actors::connection* connection() const noexcept;

  session_host& host_;
  frame_reader frames_;
  std::unique_ptr<std::string> left_over_; ///< of the input, since the connection has paused
  connection_actor connection_;
  admission place_;
  std::uint32_t heard_ = 0;      ///< tick of the last sign of life
  bool registration_due_ = true; ///< has yet to be told to the connection
  bool taking_ = false;          ///< input is being taken
  bool paused_ = false;          ///< by the connection
  bool calls_when_drained_ = false;
  bool closing_ = false;     ///< takes no more frames
  bool finishing_ = false;   ///< the closing handshake is over, or there will be none
  bool lingering_ = false;   ///< our side of the socket is shut
  bool peer_closed_ = false; ///< the client's close frame has come
  bool closed_ = false;      ///< the socket is gone
};

} // namespace klatch::net
