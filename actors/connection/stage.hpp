/// How far a connection has got.
#pragma once

#include <cstdint>

namespace klatch::actors {

/// In the order in which they follow each other; only `live` may go back, to `registering`.
enum class stage : std::uint8_t {
  connected,   ///< nobody has registered
  registering, ///< the directory has been asked
  opening,     ///< the archive's reader has been asked where the inbox stands
  live,        ///< the registration is confirmed
  closing,     ///< the transport takes no more frames; `transport_closing` is queued
  closed       ///< nothing is taken from or for the client any more; the directory knows
};

/// Returns if a connection may get from `before` to `next`. All transitions there are.
constexpr bool may_follow(stage next, stage before) noexcept {
  switch (next) {
  case stage::connected:
    return false;
  case stage::registering: // `live` registers again, with another name
    return before == stage::connected || before == stage::live;
  case stage::opening:
    return before == stage::registering;
  case stage::live: // straight from `registering` if nothing is stored
    return before == stage::registering || before == stage::opening;
  case stage::closing:
    return before < stage::closing;
  case stage::closed:
    return before != stage::closed;
  }
  return false;
}

} // namespace klatch::actors
