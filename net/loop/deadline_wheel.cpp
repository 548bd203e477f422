#include "net/loop/deadline_wheel.hpp"

#include <algorithm>

namespace klatch::net {

void deadline_wheel::schedule(timed& session, duration delay) {
  const auto ticks = static_cast<std::size_t>((delay + tick_ - duration{1}) / tick_);
  // One more, since the current tick is under way already.
  const auto ahead = std::min(ticks + 1, slots - 1);
  session.unlink();
  due_[(now_ + ahead) % slots].push_back(session);
}

void deadline_wheel::advance() {
  ++now_;
  session_list due;
  due.swap(due_[now_ % slots]);
  while (!due.empty()) {
    auto& session = due.front();
    session.unlink();
    session.on_deadline();
  }
}

bool deadline_wheel::empty() const noexcept {
  return std::all_of(due_.begin(), due_.end(),
                     [](const session_list& slot) { return slot.empty(); });
}

} // namespace klatch::net
