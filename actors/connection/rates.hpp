/// How much a client may ask for: every frame is counted before anybody works on it.
#pragma once

#include "actors/connection/rate_limit.hpp"
#include "actors/connection/rate_table.hpp"
#include "messages/errors.hpp"
#include "messages/wire/command_table.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/decoder.hpp"
#include "messages/wire/readable_key.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace klatch::actors {

/// What one worker decodes by the slow decoder: text that is no JSON, or that the fast one cannot
/// read. It takes some 5 ms for 128 KiB, during which all others of the worker wait.
inline constexpr rate slow_decoding_rate{0, 128UL * 1024, std::chrono::milliseconds{250}};

/// A part of the connection, without actors: `core` is what it does things with. `now` is the time
/// at which the frame has come.
class rates {
public:
  using duration = rate::clock::duration;
  using time_point = rate::clock::time_point;

  static constexpr auto at_once = duration::zero();

  /// Counts a frame of `bytes`. Returns how long to wait; zero: it is let in.
  duration charge_frame(auto&& core, std::size_t bytes, time_point now) {
    const auto wait = frames_.take(core.scope().frame_rate, now, bytes);
    auto* const users = core.scope().users;
    const auto& of_user = core.scope().user_rate;
    if (wait != at_once || users == nullptr || !of_user.is_limit() || !core.me())
      return wait;
    const auto uncharged = uncharged_ + bytes;
    if (uncharged < user_step) {
      uncharged_ = static_cast<std::uint16_t>(uncharged);
      return at_once;
    }
    const auto wait_for_all =
        users->take(of_user, core.me().project(), core.me().user(), now, uncharged);
    if (wait_for_all == at_once)
      uncharged_ = 0;
    return wait_for_all;
  }

  /// The same for what comes after the transport has begun to close: for the connection alone.
  duration charge_late_frame(auto&& core, std::size_t bytes, time_point now) {
    return frames_.take(core.scope().frame_rate, now, bytes);
  }

  /// Returns nothing if the slow decoder would have to be asked and has too much to do; the client
  /// has been told.
  std::optional<decoded_frame> decode(auto&& core, std::string_view text, time_point now) {
    // Without a store there is nobody to ask for ids of older versions.
    const auto known = core.stores() ? std::nullopt : std::optional{as_written{}};
    auto decoded = core.scope().frames.decode_fast(text, core.speaks(), known);
    if (!decoded && charge_slow_decoder(core, text, now))
      decoded = core.scope().frames.decode_slowly(text, core.speaks(), known);
    return decoded;
  }

  /// Of sends, faults and whatever a plain client says there may be fewer than of frames. Returns
  /// false if this one is too many; the client has been told.
  bool admits(auto&& core, const decoded_frame& decoded, std::size_t bytes, time_point now) {
    if (rate_class_of(decoded.what) == rate_class::frame && core.speaks() == dialect::extended)
      return true;
    const auto& scope = core.scope();
    const auto wait = sends_.take(core.is_guest() ? scope.guest_rate : scope.send_rate, now);
    if (wait == at_once)
      return true;
    refuse(core, wait, decoded.key, bytes, now);
    return false;
  }

  /// Tells the client to wait, about the frame `text`, which was not let in.
  static void refuse_undecoded(auto&& core, duration wait, std::string_view text, time_point now) {
    // The client has to know which frame it was. This is bounded as refusals are, in bytes too.
    if (core.speaks() == dialect::extended &&
        core.cold().get().refusals.wait_for(core.scope().refusal_rate, now) == at_once) {
      if (const auto decoded = core.scope().frames.decode_fast(text, core.speaks(), as_written{}))
        return refuse(core, wait, decoded->key, text.size(), now);
      return refuse(core, wait, readable_key(text).view(), text.size(), now);
    }
    refuse(core, wait, {}, text.size(), now);
  }

  /// Tells the client to wait; closes if it has ignored that too often.
  /// `text`: for people; empty: of frames.
  static void refuse(auto&& core, duration wait, const frame_key& about, std::size_t bytes,
                     time_point now, std::string_view text = {}) {
    core.send_error({.code = error_code::rate_limited,
                     .text = text,
                     .about = about,
                     .retry = std::chrono::ceil<std::chrono::milliseconds>(wait)});
    if (core.cold().get().refusals.take(core.scope().refusal_rate, now, bytes) != at_once)
      core.close(close_code::rate_limited);
  }

  /// What came before is not held against who has registered.
  void forget_sends() noexcept { sends_ = {}; }
  /// What comes from now until the socket is gone has a bound of its own.
  void forget_frames() noexcept { frames_ = {}; }

private:
  /// So many bytes of a connection are charged to its user at a time: a look into the table for
  /// each message would cost some 2 % of it. What is left when a connection ends is charged to
  /// nobody.
  static constexpr std::size_t user_step = 4096;
  /// How many times as long as the fast decoder the other one takes, about.
  static constexpr std::size_t slow_factor = 8;
  /// What a text costs the slow decoder however short it is, in bytes.
  static constexpr std::size_t slow_start = 128;

  /// Returns false if the slow decoder has too much to do; the client has been told.
  bool charge_slow_decoder(auto&& core, std::string_view text, time_point now) {
    frames_.charge(core.scope().frame_rate, now, slow_factor * text.size());
    const auto wait =
        core.scope().slow_decoding.take(slow_decoding_rate, now, text.size() + slow_start);
    if (wait == at_once)
      return true;
    if (core.speaks() == dialect::extended)
      refuse(core, wait, readable_key(text).view(), text.size(), now);
    else
      refuse(core, wait, {}, text.size(), now);
    return false;
  }

  rate_limit sends_;
  rate_limit frames_;
  std::uint16_t uncharged_ = 0; ///< bytes that have come and are not in `connection_scope::users`
};

} // namespace klatch::actors
