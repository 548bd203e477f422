#include "net/loop/poller.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace klatch::net {

namespace {

constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP | EPOLLET;

/// Read in a turn: some four milliseconds' work where it is all short messages.
constexpr std::size_t max_input_bytes = 256UL * 1024;

epoll_event event_of(poller::place where, std::uint32_t events) noexcept {
  epoll_event result{};
  result.events = events;
  result.data.u32 = where;
  return result;
}

} // namespace

poller::poller() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!set_.is_open())
    throw std::system_error{errno, std::system_category(), "epoll_create1"};
}

poller::place poller::add(int socket, std::shared_ptr<pollable> target, std::error_code& error) {
  if (free_.empty()) {
    free_.push_back(static_cast<place>(places_.size()));
    places_.emplace_back();
    free_.reserve(places_.capacity());
  }
  const auto where = free_.back();
  auto event = event_of(where, reading);
  if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, socket, &event) != 0) {
    error = {errno, std::system_category()};
    return where;
  }
  error = {};
  free_.pop_back();
  places_[where] = std::move(target);
  return where;
}

void poller::watch_writing(place where, int socket) noexcept {
  auto event = event_of(where, reading | EPOLLOUT);
  ::epoll_ctl(set_.get(), EPOLL_CTL_MOD, socket, &event);
}

void poller::replace(place where, std::shared_ptr<pollable> target) noexcept {
  places_[where] = std::move(target);
}

std::shared_ptr<pollable> poller::remove(place where) noexcept {
  free_.push_back(where); // There is room for all places.
  return std::exchange(places_[where], nullptr);
}

void poller::repeat(place where) { again_.push_back(where); }

void poller::tell(place where, std::uint32_t events) {
  if (const auto target = places_[where])
    target->on_events(events);
}

std::size_t poller::turn() {
  if (next_ == count_) {
    const auto found = ::epoll_wait(set_.get(), ready_.data(), static_cast<int>(ready_.size()), 0);
    next_ = 0;
    count_ = found > 0 ? static_cast<std::size_t>(found) : 0;
  }
  std::size_t told = 0;
  if (telling_.empty())
    telling_.swap(again_);
  input_bytes_ = 0;
  while ((!telling_.empty() || next_ != count_) && input_bytes_ < max_input_bytes) {
    if (next_ != count_) {
      const auto event = ready_[next_++];
      tell(event.data.u32, event.events);
      ++told;
    }
    if (!telling_.empty()) {
      const auto where = telling_.back();
      telling_.pop_back();
      tell(where, EPOLLIN);
      ++told;
    }
  }
  return told;
}

} // namespace klatch::net
