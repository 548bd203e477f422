#include "net/websocket/ws_session.hpp"

#include "net/websocket/handshake.hpp"
#include "net/websocket/ws_frame.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

namespace {

/// A read that brings less than that, and ends no frame, counts as a frame: what is written a byte
/// at a time costs a system call each time.
constexpr std::size_t small_piece = 512;

/// RFC 6455 section 5.5.1: the code, big-endian, then the reason; or nothing.
std::string close_frame(std::uint16_t code, std::string_view reason) {
  if (code == 0)
    return std::string{frame_header{opcode::close, 0}.bytes()};
  std::string bytes{frame_header{opcode::close, reason.size() + 2}.bytes()};
  bytes += static_cast<char>(code >> 8);
  bytes += static_cast<char>(code & 0xFF);
  bytes += reason;
  return bytes;
}

std::string close_frame(close_code code) {
  return close_frame(static_cast<std::uint16_t>(code), describe(code).reason);
}

} // namespace

ws_session::ws_session(session_host& where, client_socket&& before, admission place)
    : client_socket(std::move(before), where.chosen().allowed.waiting_bytes), host_(where),
      frames_(where.chosen().allowed.frame_bytes), place_(std::move(place)) {}

actors::connection* ws_session::connection() const noexcept {
  if (!connection_)
    return nullptr;
  return static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(connection_));
}

void ws_session::start(const http_request& upgrade, std::string early) {
  take_over(shared_from_this());
  host_.enter(*this);
  host_.schedule(*this, host_.chosen().times.registration);
  // Before the answer is written: whoever has read it is known to the supervisor, and so is told
  // when the server stops.
  connection_ = host_.start_connection(shared_from_this());
  heard_ = host_.now();
  if (answer_upgrade(upgrade, *this)) // It was no upgrade after all, and has been told so.
    return finish();
  if (!early.empty())
    keep_left_over(std::move(early));
  resume_reading();
}

// -- reading --------------------------------------------------------------------------------------

void ws_session::on_readable() {
  if (lingering_)
    return discard_input();
  if (takes_frames() && left_over_)
    take_left_over();
  if (!takes_frames() || (closing_ && !connection()->may_go_on(host_.input().size())))
    return; // Where it closes, the rest stays unread until the time to close is over.
  const auto buffer = host_.input();
  const auto found = read(buffer);
  if (found.ended)
    return close_socket();
  if (found.bytes > 0) {
    heard_ = host_.now();
    read_frames(buffer.first(found.bytes));
  }
  resume_reading();
}

/// Takes all of `input`, or what comes before the connection's pause.
void ws_session::read_frames(std::span<char> input) {
  taking_ = true;
  bool only_a_piece = input.size() < small_piece;
  for (bool more = true; more && takes_frames();) {
    const auto found = next_frame(input);
    more = found.what != said::nothing;
    only_a_piece = only_a_piece && !more;
    take(found);
  }
  if (only_a_piece)
    count_input(small_piece);
  if (!takes_frames() && !input.empty() && !closed_ && !finishing_)
    keep_left_over({input.begin(), input.end()});
  taking_ = false;
  if (closed_)
    drop_input();
}

void ws_session::take_left_over() {
  const auto input = std::exchange(left_over_, nullptr);
  home().buffers().resized(input->capacity(), 0);
  read_frames(*input);
}

void ws_session::keep_left_over(std::string input) {
  left_over_ = std::make_unique<std::string>(std::move(input));
  home().buffers().resized(0, left_over_->capacity());
}

read_result ws_session::next_frame(std::span<char>& input) {
  const auto before = frames_.kept_bytes();
  const auto found = frames_.next(input);
  home().buffers().resized(before, frames_.kept_bytes());
  return found;
}

std::size_t ws_session::input_bytes() const noexcept {
  return frames_.kept_bytes() + (left_over_ ? left_over_->capacity() : 0);
}

/// Not while what is kept is being looked at.
void ws_session::drop_input() noexcept {
  home().buffers().resized(input_bytes(), 0);
  left_over_.reset();
  frames_.give_up();
}

void ws_session::take(const read_result& found) {
  switch (found.what) {
  case said::text:
    return take_message(found.bytes);
  case said::binary:
    return close(close_code::unsupported_data);
  case said::ping:
    return answer_ping(found.bytes);
  case said::close:
    return on_client_close(found);
  case said::violation:
    return on_violation(found);
  case said::pong:
    return connection()->on_pong(found.bytes);
  case said::fragment: // Its bytes count when the message is whole.
    return count_input(0);
  case said::nothing:
    return;
  }
}

void ws_session::answer_ping(std::string_view payload) {
  if (!append(frame_header{opcode::pong, payload.size()}.bytes(), payload))
    on_overflow();
  count_input(payload.size());
}

void ws_session::count_input(std::size_t bytes) {
  if (!closing_)
    connection()->on_other_input(bytes);
}

void ws_session::take_message(std::string_view text) {
  if (!closing_)
    connection()->on_text(text);
}

/// The client's close frame is answered with the same, unless it is the answer to ours.
void ws_session::on_client_close(const read_result& found) {
  peer_closed_ = true;
  append_last(close_frame(static_cast<std::uint16_t>(found.code), found.bytes));
  finish();
}

void ws_session::on_violation(const read_result& found) {
  spdlog::debug("{}: closed with {}: {}", peer(), static_cast<int>(found.code), found.bytes);
  append_last(close_frame(found.code));
  finish();
}

void ws_session::pause() { paused_ = true; }

/// Not within the call of the connection's that has led here.
void ws_session::resume_reading() {
  if (!taking_ && takes_frames() && (left_over_ || readable()))
    read_later();
}

void ws_session::resume() {
  paused_ = false;
  resume_reading();
}

// -- writing --------------------------------------------------------------------------------------

void ws_session::send(const frame& message) {
  const auto text = message.text();
  if (!append(frame_header{opcode::text, text.size()}.bytes(), text))
    on_overflow();
}

void ws_session::ping(std::string_view payload) {
  if (!append(frame_header{opcode::ping, payload.size()}.bytes(), payload))
    on_overflow();
}

void ws_session::on_overflow() {
  if (closing_)
    return;
  spdlog::info("{}: closed with 4408, its client reads too slowly: more than {} bytes wait", peer(),
               host_.chosen().allowed.waiting_bytes);
  drop_unsent(server_frame_length);
  close(close_code::slow);
}

/// Called between two handlers.
void ws_session::shed() {
  if (closing_ || lingering_ || finishing_)
    return close_socket();
  if (input_bytes() > output_bytes()) {
    drop_input();
    return on_violation({.what = said::violation,
                         .code = close_code::message_too_big,
                         .bytes = "the buffers of all clients hold too much, its input most"});
  }
  drop_unsent(server_frame_length);
  close(close_code::slow);
}

void ws_session::close(close_code code) {
  if (closing_ || closed_)
    return;
  append_last(close_frame(code));
  host_.schedule(*this, host_.chosen().times.close);
  announce_closing();
  resume_reading();
}

void ws_session::announce_closing() {
  if (std::exchange(closing_, true))
    return;
  if (auto* actor = connection())
    actor->on_closing();
}

void ws_session::on_idle() {
  if (finishing_)
    return linger();
  if (std::exchange(calls_when_drained_, false) && !closing_)
    connection()->on_drained();
}

// -- keeping alive --------------------------------------------------------------------------------

void ws_session::on_deadline() {
  const auto self = shared_from_this();
  const auto& times = host_.chosen().times;
  if (closing_)
    return close_socket();
  if (std::exchange(registration_due_, false)) {
    connection()->on_registration_due();
    if (!closing_)
      host_.schedule(*this, std::max(times.ping - times.registration, times.tick));
    return;
  }
  const auto silent = times.tick * (host_.now() - heard_);
  if (silent >= times.gone) {
    spdlog::debug("{}: gone, silent for {} ms", peer(), silent.count());
    return close_socket();
  }
  ping(connection()->delivery_mark());
  if (!closing_)
    host_.schedule(*this, std::min(times.ping, times.gone - silent));
}

// -- the end --------------------------------------------------------------------------------------

void ws_session::finish() {
  if (std::exchange(finishing_, true))
    return;
  seal();
  host_.schedule(*this, host_.chosen().times.close);
  announce_closing();
  if (idle())
    linger();
  else if (peer_closed_)
    flush_before_close();
  else
    flush();
}

void ws_session::linger() {
  if (peer_closed_)
    return close_socket();
  if (std::exchange(lingering_, true))
    return;
  ::shutdown(socket().get(), SHUT_WR);
  if (readable())
    read_later();
}

void ws_session::discard_input() {
  if (!connection()->may_go_on(host_.input().size()))
    return; // Its deadline ends it.
  if (read(host_.input()).ended)
    return close_socket();
  if (readable())
    read_later();
}

void ws_session::abort() { close_socket(); }

void ws_session::close_socket() {
  if (std::exchange(closed_, true))
    return;
  // Whatever is sent from now on must not queue this for a flush: it may be gone by then.
  seal();
  home().forget(*this);
  leave_host();
  if (!taking_)
    drop_input();
  const auto self = shut();
  announce_closing();
  if (auto* actor = connection())
    actor->on_closed();
  connection_ = nullptr;
  place_.give_back();
}

} // namespace klatch::net
