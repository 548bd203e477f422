#include "net/ws_session.hpp"

#include "net/ws_frame.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/error.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace klatch::net {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace {

/// What is read of a message at first, in bytes: most messages are shorter, and an idle connection
/// keeps a buffer of this size.
constexpr std::size_t first_read = 512;
/// What is read of the rest of a long message at a time.
constexpr std::size_t max_read = 16UL * 1024;
/// The highest code that a client may close with (RFC 6455 section 7.4.2).
constexpr std::uint16_t max_close_code = 4999;

/// RFC 6455 section 5.5.1: the code, big-endian, then the reason.
std::string close_frame(close_code code) {
  const auto reason = describe(code).reason;
  const auto number = static_cast<std::uint16_t>(code);
  std::string bytes{frame_header{opcode::close, reason.size() + 2}.bytes()};
  bytes += static_cast<char>(number >> 8);
  bytes += static_cast<char>(number & 0xFF);
  bytes += reason;
  return bytes;
}

} // namespace

ws_session::ws_session(lane& where, tcp_socket socket, admission place)
    : cork(std::move(socket), where.home(), where.chosen().allowed.waiting_bytes), lane_(where),
      stream_(cork_stream{*this}), place_(std::move(place)), peer_(place_.from().to_string()) {
  stream_.read_message_max(where.chosen().allowed.frame_bytes);
  stream_.auto_fragment(false);
  // Beast echoes codes that RFC 6455 section 7.4.2 leaves undefined.
  stream_.control_callback([this](websocket::frame_type kind, const auto& /*payload*/) {
    if (kind == websocket::frame_type::close && stream_.reason().code > max_close_code)
      close(close_code::protocol_error);
  });
}

actors::connection* ws_session::connection() const noexcept {
  if (!connection_)
    return nullptr;
  return static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(connection_));
}

void ws_session::start(const http_request& upgrade, std::string early) {
  lane_.enter(*this);
  lane_.schedule(*this, lane_.chosen().times.registration);
  // Before the answer is written: whoever has read it is known to the supervisor, and so is told
  // when the server stops.
  connection_ = lane_.start_connection(shared_from_this());
  stream_.next_layer().put_back(std::move(early));
  stream_.async_accept(upgrade, [self = shared_from_this()](boost::system::error_code error) {
    self->on_upgraded(error);
  });
}

void ws_session::on_upgraded(boost::system::error_code error) {
  if (closed_)
    return;
  reading_ = false;
  if (error) // Beast has answered with 400 and the reason.
    return finish();
  read_on();
}

// -- reading --------------------------------------------------------------------------------------

void ws_session::read() {
  reading_ = true;
  const auto at_most = input_.size() == 0 ? first_read : max_read;
  stream_.async_read_some(input_, at_most,
                          [self = shared_from_this()](boost::system::error_code error,
                                                      std::size_t) { self->on_read(error); });
}

void ws_session::read_on() {
  if (!reading_ && !finishing_ && !closed_ && (!paused_ || closing_))
    read();
}

void ws_session::on_read(boost::system::error_code error) {
  if (closed_)
    return;
  if (error) {
    reading_ = false;
    return on_end(error);
  }
  if (stream_.is_message_done()) {
    if (!closing_)
      take_message();
    input_.consume(input_.size());
    if (input_.capacity() > first_read)
      input_ = {};
  }
  reading_ = false;
  read_on();
}

void ws_session::take_message() {
  if (!stream_.got_text())
    return close(close_code::unsupported_data);
  const auto text = input_.cdata();
  connection()->on_text({static_cast<const char*>(text.data()), text.size()});
}

void ws_session::on_end(boost::system::error_code error) {
  if (error == websocket::error::closed) {
    peer_closed_ = true;
    return finish();
  }
  if (error == asio::error::eof || error == asio::error::operation_aborted ||
      error.category() == asio::error::get_system_category())
    return close_socket();
  // What is left is a protocol error, for which Beast has corked the close frame (RFC 6455
  // section 7.1.7).
  spdlog::debug("{}: closed for {}", peer_, error.message());
  finish();
}

void ws_session::pause() { paused_ = true; }

void ws_session::resume() {
  paused_ = false;
  read_on();
}

// -- writing --------------------------------------------------------------------------------------

void ws_session::send(const frame& message) {
  const auto text = message.text();
  if (!append(frame_header{opcode::text, text.size()}.bytes(), text))
    on_overflow();
}

void ws_session::on_overflow() {
  if (closing_)
    return;
  spdlog::info("{}: closed with 4408, its client reads too slowly: more than {} bytes wait", peer_,
               lane_.chosen().allowed.waiting_bytes);
  drop_unsent();
  close(close_code::slow);
}

void ws_session::close(close_code code) {
  if (closing_ || closed_)
    return;
  append_last(close_frame(code));
  lane_.schedule(*this, lane_.chosen().times.close);
  announce_closing();
  read_on();
}

void ws_session::announce_closing() {
  if (std::exchange(closing_, true))
    return;
  if (auto* actor = connection())
    actor->on_closing();
}

void ws_session::on_write_error(boost::system::error_code) { close_socket(); }

void ws_session::on_idle() {
  if (finishing_)
    return linger();
  if (std::exchange(calls_when_drained_, false) && !closing_)
    connection()->on_drained();
}

// -- keeping alive --------------------------------------------------------------------------------

void ws_session::on_deadline() {
  const auto self = shared_from_this();
  const auto& times = lane_.chosen().times;
  if (closing_)
    return close_socket();
  if (std::exchange(registration_due_, false)) {
    connection()->on_registration_due();
    if (!closing_)
      lane_.schedule(*this, std::max(times.ping - times.registration, times.tick));
    return;
  }
  const auto silent = times.tick * (lane_.now() - heard_);
  if (silent >= times.gone) {
    spdlog::debug("{}: gone, silent for {} ms", peer_, silent.count());
    return close_socket();
  }
  if (!append(frame_header{opcode::ping, 0}.bytes()))
    return on_overflow();
  lane_.schedule(*this, std::min(times.ping, times.gone - silent));
}

// -- the end --------------------------------------------------------------------------------------

void ws_session::finish() {
  if (std::exchange(finishing_, true))
    return;
  seal();
  lane_.schedule(*this, lane_.chosen().times.close);
  announce_closing();
  if (idle())
    linger();
  else
    flush();
}

void ws_session::linger() {
  if (peer_closed_)
    return close_socket();
  if (std::exchange(lingering_, true))
    return;
  boost::system::error_code ignored;
  socket().shutdown(tcp_socket::shutdown_send, ignored);
  discard_input();
}

void ws_session::discard_input() {
  socket().async_read_some(
      lane_.scratch(), [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        if (error)
          return self->close_socket();
        self->discard_input();
      });
}

void ws_session::abort() { close_socket(); }

void ws_session::close_socket() {
  if (std::exchange(closed_, true))
    return;
  const auto self = shared_from_this();
  // Whatever is sent from now on must not queue this for a flush: it may be gone by then.
  seal();
  home().forget(*this);
  leave_lane();
  boost::system::error_code ignored;
  socket().close(ignored);
  announce_closing();
  if (auto* actor = connection())
    actor->on_closed();
  connection_ = nullptr;
  place_.give_back();
}

} // namespace klatch::net
