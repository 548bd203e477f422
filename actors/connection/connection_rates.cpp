// How much a client may ask for: every frame is counted before anybody works on it.
#include "actors/connection/connection.hpp"
#include "actors/connection/rate_table.hpp"
#include "messages/wire/command_table.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/readable_key.hpp"

#include <string>
#include <variant>

namespace klatch::actors {

namespace {

constexpr auto at_once = rate::clock::duration::zero();

/// So many bytes of a connection are charged to its user at a time: a look into the table for each
/// message would cost some 2 % of it. What is left when a connection ends is charged to nobody.
constexpr std::size_t user_step = 4096;

/// How many times as long as the fast decoder the other one takes, about.
constexpr std::size_t slow_factor = 8;
/// What a text costs the slow decoder however short it is, in bytes.
constexpr std::size_t slow_start = 128;

} // namespace

rate::clock::duration connection::take_frame(std::size_t bytes, rate::clock::time_point now) {
  const auto wait = frames_.take(scope_.frame_rate, now, bytes);
  if (wait != at_once || scope_.users == nullptr || !me_)
    return wait;
  const auto uncharged = uncharged_ + bytes;
  if (uncharged < user_step) {
    uncharged_ = static_cast<std::uint16_t>(uncharged);
    return at_once;
  }
  const auto wait_for_all = scope_.users->take(me_.project(), me_.user(), now, uncharged);
  if (wait_for_all == at_once)
    uncharged_ = 0;
  return wait_for_all;
}

std::optional<decoded_frame> connection::decode(std::string_view text,
                                                rate::clock::time_point now) {
  // Without a store there is nobody to ask for ids of older versions.
  const auto known = scope_.archive ? std::nullopt : std::optional{as_written{}};
  auto said = scope_.frames.decode_fast(text, speaks(), known);
  if (!said && takes_slow_decoder(text, now))
    said = scope_.frames.decode_slowly(text, speaks(), known);
  return said;
}

bool connection::takes_slow_decoder(std::string_view text, rate::clock::time_point now) {
  frames_.charge(scope_.frame_rate, now, slow_factor * text.size());
  const auto wait = scope_.slow_decoding.take(slow_decoding_rate, now, text.size() + slow_start);
  if (wait != at_once)
    tell_to_wait(wait, speaks() == dialect::extended ? readable_key(text).view() : frame_key{},
                 text.size(), now);
  return wait == at_once;
}

/// Of sends, faults and whatever a plain client says there may be fewer than of frames.
bool connection::within_send_rate(const decoded_frame& said, std::size_t bytes,
                                  rate::clock::time_point now) {
  if (rate_class_of(said.what) == rate_class::frame && speaks() == dialect::extended)
    return true;
  const auto wait = sends_.take(scope_.send_rate, now);
  if (wait == at_once)
    return true;
  tell_to_wait(wait, said.key, bytes, now);
  return false;
}

void connection::refuse_undecoded(rate::clock::duration wait, std::string_view text,
                                  rate::clock::time_point now) {
  // The client has to know which send it was. This is bounded as refusals are, in bytes too.
  if (speaks() == dialect::extended &&
      rare().refusals.wait_for(scope_.refusal_rate, now) == at_once) {
    if (const auto said = scope_.frames.decode_fast(text, speaks(), as_written{}))
      return tell_to_wait(wait, said->key, text.size(), now);
    return tell_to_wait(wait, readable_key(text).view(), text.size(), now);
  }
  tell_to_wait(wait, {}, text.size(), now);
}

void connection::tell_to_wait(rate::clock::duration wait, const frame_key& about, std::size_t bytes,
                              rate::clock::time_point now) {
  client_->send(
      encode_error(speaks(), {.code = error_code::rate_limited,
                              .about = about,
                              .retry = std::chrono::ceil<std::chrono::milliseconds>(wait)}));
  if (rare().refusals.take(scope_.refusal_rate, now, bytes) != at_once)
    close(close_code::rate_limited);
}

void connection::on_other_input(std::size_t bytes) {
  if (stage_ == stage::leaving || client_ == nullptr)
    return;
  const auto now = clock().now();
  if (const auto wait = take_frame(bytes, now); wait != at_once)
    tell_to_wait(wait, {}, bytes, now);
}

bool connection::may_go_on(std::size_t bytes) {
  return frames_.take(scope_.frame_rate, clock().now(), bytes) == at_once;
}

} // namespace klatch::actors
