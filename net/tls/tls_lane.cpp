#include "net/tls/tls_lane.hpp"

#include <utility>

namespace klatch::net {

bool tls_lane::take_turn(handshake_turn& who) {
  if (std::exchange(who.granted_, false))
    return true;
  if (begun_ >= at_once || !waiting_.empty())
    return false;
  ++begun_;
  home_.flush_later(*this);
  return true;
}

bool tls_lane::await_turn(handshake_turn& who, poller::slot at) {
  if (waiting_.size() >= max_waiting_)
    return false;
  who.at_ = at;
  waiting_.push_back(who);
  count_waiting();
  home_.flush_later(*this);
  return true;
}

void tls_lane::leave(handshake_turn& who) noexcept {
  if (who.is_linked())
    waiting_.erase(waiting_.iterator_to(who));
  count_waiting();
}

void tls_lane::count_waiting() noexcept {
  counters().tls_waiting.set(static_cast<std::int64_t>(waiting_.size()));
}

void tls_lane::flush() {
  const auto turn = home_.sockets().turns();
  // Those who were granted have yet to come: of two rounds with no turn of the sockets between them
  // only one may grant.
  if (granted_in_ != 0 && granted_in_ == turn)
    return home_.flush_later(*this);
  begun_ = 0;
  while (begun_ < at_once && !waiting_.empty()) {
    auto& next = waiting_.front();
    waiting_.pop_front();
    next.granted_ = true;
    ++begun_;
    home_.repeat(next.at_);
  }
  count_waiting();
  granted_in_ = begun_ > 0 ? turn : 0;
  if (begun_ > 0)
    home_.flush_later(*this);
}

} // namespace klatch::net
