#include "net/cork.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

bool cork::has_room_for(std::size_t bytes) const noexcept {
  const auto size_of = [](const buffer_pool::buffer& each) { return each ? each->size() : 0; };
  return size_of(waiting_) + size_of(in_flight_) + bytes <= bound_;
}

std::string& cork::waiting() {
  if (!waiting_)
    waiting_ = home_.buffers().take();
  return *waiting_;
}

bool cork::append(std::string_view head, std::string_view body) {
  const auto bytes = head.size() + body.size();
  if (!has_room_for(bytes))
    flush(); // A reader is slow only when the system takes nothing more.
  if (sealed_ || broken_)
    return true;
  if (!has_room_for(bytes))
    return false;
  waiting().append(head).append(body);
  home_.flush_later(*this);
  return true;
}

void cork::append_last(std::string_view last) {
  if (sealed_ || broken_)
    return;
  sealed_ = true;
  waiting().append(last);
  home_.flush_later(*this);
}

void cork::drop_unsent() noexcept { waiting_.reset(); }

void cork::flush_before_close() { flush(MSG_MORE); }

void cork::flush(int flags) {
  if (in_flight_ || broken_ || !waiting_ || !write(*waiting_, flags))
    return;
  if (!waiting_->empty()) {
    in_flight_ = std::exchange(waiting_, nullptr);
    return on_blocked();
  }
  home_.buffers().give_back(std::exchange(waiting_, nullptr));
  on_idle();
}

void cork::write_rest() {
  if (!in_flight_ || broken_ || !write(*in_flight_, 0) || !in_flight_->empty())
    return;
  home_.buffers().give_back(std::exchange(in_flight_, nullptr));
  if (waiting_)
    flush();
  else
    on_idle();
}

bool cork::write(std::string& what, int flags) {
  const auto taken = ::send(socket_.get(), what.data(), what.size(), MSG_NOSIGNAL | flags);
  if (taken >= 0) {
    what.erase(0, static_cast<std::size_t>(taken));
    return true;
  }
  if (errno == EAGAIN || errno == EINTR)
    return true;
  broken_ = true;
  on_write_error();
  return false;
}

} // namespace klatch::net
