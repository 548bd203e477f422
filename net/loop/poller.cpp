#include "net/loop/poller.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace klatch::net {

namespace {

constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP | EPOLLET;

/// Read in a turn: some four milliseconds' work at it is all short messages.
constexpr std::size_t max_input_bytes = 256UL * 1024;

epoll_event event_of(poller::slot at, std::uint32_t events) noexcept {
  epoll_event result{};
  result.events = events;
  result.data.u32 = at;
  return result;
}

} // namespace

poller::poller() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!set_.is_open())
    throw std::system_error{errno, std::system_category(), "epoll_create1"};
}

poller::slot poller::add(int socket, std::shared_ptr<pollable> target, std::error_code& error) {
  if (free_.empty()) {
    free_.push_back(static_cast<slot>(slots_.size()));
    slots_.emplace_back();
    free_.reserve(slots_.capacity());
  }
  const auto at = free_.back();
  auto event = event_of(at, reading);
  if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, socket, &event) != 0) {
    error = {errno, std::system_category()};
    return at;
  }
  error = {};
  free_.pop_back();
  slots_[at] = std::move(target);
  return at;
}

void poller::watch_writing(slot at, int socket) noexcept {
  auto event = event_of(at, reading | EPOLLOUT);
  ::epoll_ctl(set_.get(), EPOLL_CTL_MOD, socket, &event);
}

void poller::replace(slot at, std::shared_ptr<pollable> target) noexcept {
  slots_[at] = std::move(target);
}

std::shared_ptr<pollable> poller::remove(slot at) noexcept {
  free_.push_back(at); // There is room for all slots.
  return std::exchange(slots_[at], nullptr);
}

void poller::repeat(slot at) { again_.push_back(at); }

void poller::dispatch(slot at, std::uint32_t events) {
  if (const auto target = slots_[at])
    target->on_events(events);
}

std::size_t poller::turn() {
  ++turns_;
  if (next_ == count_) {
    const auto found = ::epoll_wait(set_.get(), ready_.data(), static_cast<int>(ready_.size()), 0);
    next_ = 0;
    count_ = found > 0 ? static_cast<std::size_t>(found) : 0;
  }
  std::size_t called = 0;
  if (repeating_.empty())
    repeating_.swap(again_);
  input_bytes_ = 0;
  while ((!repeating_.empty() || next_ != count_) && input_bytes_ < max_input_bytes) {
    if (next_ != count_) {
      const auto event = ready_[next_++];
      dispatch(event.data.u32, event.events);
      ++called;
    }
    if (!repeating_.empty()) {
      const auto at = repeating_.back();
      repeating_.pop_back();
      dispatch(at, EPOLLIN);
      ++called;
    }
  }
  return called;
}

} // namespace klatch::net
