#include "net/websocket/ws_session.hpp"

#include "net/websocket/close_frame.hpp"
#include "net/websocket/handshake.hpp"
#include "net/websocket/ws_frame.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace klatch::net {

namespace {

/// A read that brings less than that, and ends no frame, counts as a frame: what is written a byte
/// at a time costs a system call each time. A record of TLS without text counts as so much: it may
/// cost more than a whole frame does.
constexpr std::size_t small_piece = 512;

} // namespace

static_assert(sizeof(ws_session) <= 256, "what an idle connection keeps for its socket");

ws_session::ws_session(session_host& host, client_socket&& before, admission slot)
    : socket_(*this, std::move(before), host.options().allowed.waiting_bytes), host_(host),
      input_(host.options().allowed.frame_bytes), slot_(std::move(slot)) {}

actors::connection* ws_session::connection() const noexcept {
  if (!connection_)
    return nullptr;
  return static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(connection_));
}

void ws_session::start(const http_request& upgrade, std::string early, std::string token) {
  socket_.take_over(shared_from_this());
  counters().connections_opened.add();
  host_.enter(*this);
  host_.schedule(*this, host_.options().times.registration);
  // Before the answer is written: a client that has read it is known to the supervisor, and so gets
  // its close frame when the server stops.
  connection_ = host_.start_connection(shared_from_this(), std::move(token));
  heard_ = host_.now();
  if (answer_upgrade(upgrade, socket_)) { // It was no upgrade after all, and has been answered so.
    counters().connections_closed.add_abnormal();
    return finish();
  }
  if (!early.empty())
    input_.keep(std::move(early), buffers());
  resume_reading();
}

// -- phases ---------------------------------------------------------------------------------------

ws_session::phase ws_session::enter(phase next) noexcept {
  assert(next > phase_);
  return std::exchange(phase_, next);
}

void ws_session::announce_closing(phase left) {
  if (left == phase::open && connection_)
    connection()->on_closing();
}

void ws_session::close(close_code code, std::string_view reason) {
  if (phase_ != phase::open)
    return;
  counters().connections_closed.add(static_cast<std::uint16_t>(code));
  socket_.append_last(close_frame(static_cast<std::uint16_t>(code), reason));
  host_.schedule(*this, host_.options().times.close);
  announce_closing(enter(phase::closing));
  resume_reading();
}

void ws_session::finish() {
  assert(phase_ < phase::finishing);
  const auto left = enter(phase::finishing);
  socket_.seal();
  host_.schedule(*this, host_.options().times.close);
  announce_closing(left);
  if (phase_ != phase::finishing) // What the connection did has found the socket broken.
    return;
  if (socket_.idle())
    linger();
  else if (peer_closed_)
    socket_.flush_before_close();
  else
    socket_.flush();
}

void ws_session::linger() {
  if (peer_closed_)
    return close_socket();
  enter(phase::lingering);
  socket_.end_output();
  if (socket_.readable())
    socket_.read_later();
}

void ws_session::close_socket() {
  if (phase_ == phase::closed)
    return;
  const auto left = enter(phase::closed);
  if (left == phase::open)
    counters().connections_closed.add_abnormal();
  leave_host();
  if (!in_read_)
    input_.drop(buffers());
  const auto self = socket_.shut();
  announce_closing(left);
  if (auto* actor = connection())
    actor->on_closed();
  connection_ = nullptr;
  slot_.give_back();
}

// -- reading --------------------------------------------------------------------------------------

void ws_session::on_readable() {
  if (phase_ == phase::lingering)
    return discard_input();
  if (reads_frames() && input_.has_rest())
    read_frames(*input_.release_rest(buffers()));
  if (!reads_frames() ||
      (phase_ == phase::closing && !connection()->may_go_on(host_.input().size())))
    return; // Once it closes, the rest stays unread until the time to close is over.
  const auto buffer = host_.input();
  const auto found = socket_.read(buffer);
  if (found.ended)
    return close_socket();
  if (found.bytes > 0) {
    heard_ = host_.now();
    read_frames(buffer.first(found.bytes));
  }
  const auto beside = found.overhead + found.textless * small_piece;
  if (beside > small_piece)
    count_input(beside);
  if (found.piece > 0 && found.piece < small_piece)
    count_input(small_piece);
  resume_reading();
}

/// Reads all of `input`, or what comes before the connection's pause and keeps the rest.
void ws_session::read_frames(std::span<char> input) {
  in_read_ = true;
  bool only_a_piece = input.size() < small_piece;
  for (bool more = true; more && reads_frames();) {
    const auto found = input_.next(input, buffers());
    more = found.what != frame_event::nothing;
    only_a_piece = only_a_piece && !more;
    on_frame(found);
  }
  if (only_a_piece)
    count_input(small_piece);
  if (phase_ == phase::open && paused_ && !input.empty())
    input_.keep({input.begin(), input.end()}, buffers());
  in_read_ = false;
  if (phase_ == phase::closed)
    input_.drop(buffers());
}

/// Not within the call of the connection's that has led here.
void ws_session::resume_reading() {
  if (!in_read_ && reads_frames() && (input_.has_rest() || socket_.readable()))
    socket_.read_later();
}

void ws_session::resume() {
  paused_ = false;
  resume_reading();
}

void ws_session::discard_input() {
  if (!connection()->may_go_on(host_.input().size()))
    return; // Its deadline ends it.
  if (socket_.read(host_.input()).ended)
    return close_socket();
  if (socket_.readable())
    socket_.read_later();
}

// -- frames ---------------------------------------------------------------------------------------

void ws_session::on_frame(const read_result& found) {
  switch (found.what) {
  case frame_event::text:
    return on_message(found.bytes);
  case frame_event::binary:
    return close(close_code::unsupported_data);
  case frame_event::ping:
    return on_ping(found.bytes);
  case frame_event::close:
    return on_client_close(found);
  case frame_event::violation:
    return on_violation(found);
  case frame_event::pong:
    return connection()->on_pong(found.bytes);
  case frame_event::fragment: // Its bytes count when the message is whole.
    return count_input(0);
  case frame_event::nothing:
    return;
  }
}

void ws_session::on_message(std::string_view text) {
  if (phase_ == phase::open)
    connection()->on_text(text);
}

void ws_session::on_ping(std::string_view payload) {
  append(opcode::pong, payload);
  count_input(payload.size());
}

/// The client's close frame is answered with the same, unless it is the answer to ours.
void ws_session::on_client_close(const read_result& found) {
  peer_closed_ = true;
  if (phase_ == phase::open)
    counters().connections_closed.add(static_cast<std::uint16_t>(found.code));
  socket_.append_last(close_frame(static_cast<std::uint16_t>(found.code), found.bytes));
  finish();
}

void ws_session::on_violation(const read_result& found) {
  spdlog::debug("{}: closed with {}: {}", host_.name_in_log(slot_.from()),
                static_cast<int>(found.code), found.bytes);
  if (phase_ == phase::open)
    counters().connections_closed.add(static_cast<std::uint16_t>(found.code));
  socket_.append_last(close_frame(found.code));
  finish();
}

void ws_session::count_input(std::size_t bytes) {
  if (phase_ == phase::open)
    connection()->on_other_input(bytes);
}

// -- writing --------------------------------------------------------------------------------------

void ws_session::append(opcode kind, std::string_view payload) {
  if (!socket_.append(frame_header{kind, payload.size()}.bytes(), payload))
    on_overflow();
}

void ws_session::send(const frame& message) {
  counters().frames_sent[message.type()].add();
  if (const auto error = message.error())
    counters().errors_sent[*error].add();
  append(opcode::text, message.text());
}

void ws_session::ping(std::string_view payload) { append(opcode::ping, payload); }

void ws_session::on_overflow() {
  if (phase_ != phase::open)
    return;
  spdlog::info("{}: closed with 4508, its client reads too slowly: more than {} bytes wait",
               host_.name_in_log(slot_.from()), host_.options().allowed.waiting_bytes);
  close_slow();
}

void ws_session::close_slow() {
  counters().slow_readers_closed.add();
  socket_.drop_unsent(server_frame_length);
  close(close_code::slow);
}

/// Called between two handlers.
void ws_session::shed() {
  if (phase_ != phase::open || 2 * socket_.record_bytes() > held_bytes())
    return close_socket();
  if (input_.bytes() > socket_.output_bytes()) {
    input_.drop(buffers());
    return on_violation({.what = frame_event::violation,
                         .code = close_code::message_too_big,
                         .bytes = "the buffers of all clients hold too much, its input most"});
  }
  close_slow();
}

void ws_session::on_idle() {
  if (phase_ == phase::finishing)
    return linger();
  if (phase_ == phase::open && std::exchange(calls_when_drained_, false))
    connection()->on_drained();
}

// -- keeping alive --------------------------------------------------------------------------------

void ws_session::on_deadline() {
  const auto self = shared_from_this();
  const auto& times = host_.options().times;
  if (phase_ != phase::open)
    return close_socket();
  if (token_is_due()) {
    token_due_ = never;
    connection()->on_token_due();
    if (phase_ != phase::open)
      return;
  }
  if (std::exchange(registration_due_, false)) {
    connection()->on_registration_due();
    return schedule_next(std::max(times.ping - times.registration, times.tick));
  }
  const auto silent = times.tick * (host_.now() - heard_);
  if (silent >= times.gone) {
    spdlog::debug("{}: gone, silent for {} ms", host_.name_in_log(slot_.from()), silent.count());
    return close_socket();
  }
  ping(connection()->delivery_mark());
  schedule_next(std::min(times.ping, times.gone - silent));
}

void ws_session::schedule_next(std::chrono::milliseconds delay) {
  if (phase_ != phase::open)
    return;
  const auto& tick = host_.options().times.tick;
  if (token_due_ != never)
    delay = std::min(delay, std::max(tick * (token_due_ - host_.now()), tick));
  host_.schedule(*this, delay);
}

void ws_session::call_when_token_is_due(std::chrono::milliseconds delay) {
  const auto& times = host_.options().times;
  const auto ticks = std::min<std::int64_t>((delay + times.tick).count() / times.tick.count(),
                                            never - host_.now() - 1);
  token_due_ = host_.now() + static_cast<std::uint32_t>(ticks);
  if (delay < times.ping)
    schedule_next(delay);
}

void ws_session::on_access_changed(const access_rules& before) {
  if (phase_ == phase::open)
    connection()->on_access_changed(before);
}

void begin_ws_session(upgraded connection) {
  const auto session = std::make_shared<ws_session>(connection.host, std::move(connection.socket),
                                                    std::move(connection.slot));
  session->start(connection.request, std::move(connection.early), std::move(connection.token));
}

} // namespace klatch::net
