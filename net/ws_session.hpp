/// A WebSocket on its worker.
#pragma once

#include "actors/transport.hpp"
#include "messages/interfaces.hpp"
#include "net/admission.hpp"
#include "net/cork.hpp"
#include "net/cork_stream.hpp"
#include "net/http_types.hpp"
#include "net/lane.hpp"
#include "net/session.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace klatch::net {

/// Reads messages with Beast and hands them to its connection actor; writes what that sends through
/// the cork. Keeps the connection alive with pings (RFC 6455 section 5.5.2) and closes it in
/// bounded time.
class ws_session final : public session,
                         public cork,
                         public actors::transport,
                         public std::enable_shared_from_this<ws_session> {
public:
  ws_session(lane& where, tcp_socket socket, admission place);

  /// Answers the upgrade; `early` is what the client sent behind it.
  void start(const http_request& upgrade, std::string early);

  void send(const frame& message) override;
  void close(close_code code) override;
  void pause() override;
  void resume() override;
  bool drained() const override { return idle(); }
  void call_when_drained() override { calls_when_drained_ = true; }
  const std::string& peer() const override { return peer_; }

  void abort() override;

private:
  void on_upgraded(boost::system::error_code error);
  void read();
  void read_on();
  void on_read(boost::system::error_code error);
  void take_message();
  void on_end(boost::system::error_code error);

  /// Nothing more is sent: ends the connection as soon as all is written.
  void finish();
  /// All is written: says so to the client, and waits for it to close so that it can read all of
  /// it.
  void linger();
  void discard_input();
  void close_socket();
  void announce_closing();

  void on_deadline() override;
  void on_read_wanted() override { heard_ = lane_.now(); }
  void on_overflow() override;
  void on_idle() override;
  void on_write_error(boost::system::error_code error) override;
  std::shared_ptr<void> keep_alive() override { return shared_from_this(); }

  actors::connection* connection() const noexcept;

  lane& lane_;
  boost::beast::websocket::stream<cork_stream, false> stream_;
  boost::beast::flat_buffer input_;
  connection_actor connection_;
  admission place_;
  std::string peer_;
  std::uint32_t heard_ = 0;      ///< tick of the last sign of life
  bool registration_due_ = true; ///< has yet to be told to the connection
  bool reading_ = true;          ///< a read or the upgrade is under way, or its handler runs
  bool paused_ = false;          ///< by the connection
  bool calls_when_drained_ = false;
  bool closing_ = false;     ///< takes no more frames
  bool finishing_ = false;   ///< the closing handshake is over, or there will be none
  bool lingering_ = false;   ///< our side of the socket is shut
  bool peer_closed_ = false; ///< the client's close frame has come
  bool closed_ = false;      ///< the socket is gone
};

} // namespace klatch::net
