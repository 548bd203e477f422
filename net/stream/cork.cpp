#include "net/stream/cork.hpp"

#include <cassert>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

bool cork::has_room_for(std::size_t bytes) const noexcept {
  assert(in_flight_ ? sent_ <= in_flight_->size() : sent_ == 0);
  const auto size_of = [](const buffer_pool::buffer& each) { return each ? each->size() : 0; };
  return size_of(waiting_) + size_of(in_flight_) - sent_ + bytes <= bound_;
}

std::size_t cork::output_bytes() const noexcept {
  const auto bytes_of = [](const buffer_pool::buffer& each) { return each ? each->capacity() : 0; };
  return bytes_of(waiting_) + bytes_of(in_flight_) + record_bytes();
}

void cork::append_to_waiting(std::string_view head, std::string_view body) {
  assert(worker::current() == &home_ && socket_.is_open());
  if (!waiting_)
    waiting_ = home_.buffers().take();
  const auto before = waiting_->capacity();
  waiting_->append(head).append(body);
  home_.buffers().resized(before, waiting_->capacity());
  home_.flush_later(*this);
}

bool cork::append(std::string_view head, std::string_view body) {
  const auto bytes = head.size() + body.size();
  if (!has_room_for(bytes))
    flush(); // A reader is slow only when the system takes nothing more.
  if (sealed_ || broken_)
    return true;
  if (!has_room_for(bytes))
    return false;
  append_to_waiting(head, body);
  return true;
}

void cork::append_last(std::string_view last) {
  if (sealed_ || broken_)
    return;
  sealed_ = true;
  append_to_waiting(last, {});
}

void cork::drop_unsent(unit_length length_of) {
  give_back(waiting_);
  if (!in_flight_ || tls_)
    return;
  const std::string_view all{*in_flight_};
  std::size_t end = 0;
  while (end < sent_) {
    const auto length = length_of(all.substr(end));
    if (length == 0 || length > all.size() - end)
      return;
    end += length;
  }
  auto rest = home_.buffers().take();
  const auto before = rest->capacity();
  rest->assign(all.substr(sent_, end - sent_));
  home_.buffers().resized(before, rest->capacity());
  give_back(in_flight_);
  sent_ = 0;
  if (rest->empty())
    give_back(rest);
  else
    in_flight_ = std::move(rest);
}

void cork::discard() noexcept {
  sealed_ = true;
  sent_ = 0;
  give_back(waiting_);
  give_back(in_flight_);
  if (tls_)
    home_.buffers().resized(tls_->held_bytes(), 0);
  tls_.reset();
}

void cork::give_back(buffer_pool::buffer& done) {
  if (done)
    home_.buffers().give_back(std::exchange(done, nullptr));
}

void cork::flush_before_close() { flush(MSG_MORE); }

void cork::flush(int flags) {
  assert(in_flight_ || sent_ == 0);
  if (in_flight_ || broken_ || (tls_ && !seal_round()) || !waiting_ || !write(*waiting_, flags))
    return;
  if (sent_ < waiting_->size()) {
    in_flight_ = std::exchange(waiting_, nullptr);
    return on_blocked();
  }
  sent_ = 0;
  give_back(waiting_);
  on_idle();
}

bool cork::seal_round() {
  if (!waiting_ && !tls_->has_output())
    return true;
  auto sealed = home_.buffers().take();
  const auto before = sealed->capacity();
  const bool done =
      tls_->seal(waiting_ ? std::string_view{*waiting_} : std::string_view{}, sealed_, *sealed);
  home_.buffers().resized(before, sealed->capacity());
  give_back(waiting_);
  if (sealed->empty())
    give_back(sealed);
  else
    waiting_ = std::move(sealed);
  if (done)
    return true;
  broken_ = true;
  on_write_error();
  return false;
}

void cork::write_rest() {
  if (!in_flight_ || broken_ || !write(*in_flight_, 0) || sent_ < in_flight_->size())
    return;
  sent_ = 0;
  give_back(in_flight_);
  if (waiting_)
    flush();
  else
    on_idle();
}

bool cork::write(const std::string& what, int flags) {
  assert(worker::current() == &home_ && sent_ < what.size());
  const auto taken =
      ::send(socket_.get(), what.data() + sent_, what.size() - sent_, MSG_NOSIGNAL | flags);
  if (taken >= 0) {
    sent_ += static_cast<std::uint32_t>(taken);
    home_.counters().bytes_sent.add(static_cast<std::uint64_t>(taken));
    return true;
  }
  if (errno == EAGAIN || errno == EINTR)
    return true;
  broken_ = true;
  on_write_error();
  return false;
}

} // namespace klatch::net
