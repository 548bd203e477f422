/// The buffers of a worker's sockets: what they write is collected here, and all is counted.
#pragma once

#include "net/loop/buffer_budget.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace klatch::net {

/// Buffers that go from socket to socket: one is needed from the first thing that is written in a
/// round to its end, so a few that stay warm serve many sockets, and an idle socket has none. Not
/// thread-safe: on its worker only.
class buffer_pool {
public:
  using buffer = std::unique_ptr<std::string>;

  /// Changes of less than that are not reported, in bytes.
  static constexpr std::size_t report_step = 64UL * 1024;

  buffer_pool() { spare_.reserve(max_spare); } // so that giving back never throws

  /// An empty one; counted until it is given back.
  buffer take() {
    auto taken = take_spare();
    held_ += taken->capacity();
    return taken;
  }

  /// Keeps `done` for the next `take`, unless there are enough or it has grown large.
  void give_back(buffer done) {
    held_ -= done->capacity();
    if (spare_.size() >= max_spare || done->capacity() > max_capacity)
      return;
    done->clear();
    spare_.push_back(std::move(done));
  }

  /// A buffer that was taken, or one of a socket's own, has changed its size in memory.
  void resized(std::size_t before, std::size_t after) noexcept { held_ += after - before; }

  /// What this worker's sockets hold, in bytes of memory; what is spare here is not counted.
  std::size_t held() const noexcept { return held_; }

  /// From now on `report` adds up in `of`, and calls `on_exceeded` while it is exceeded.
  void count_in(buffer_budget& of, std::function<void()> on_exceeded) {
    budget_ = &of;
    on_exceeded_ = std::move(on_exceeded);
  }
  bool is_counted() const noexcept { return budget_ != nullptr; }
  /// The budget is no more.
  void count_no_more() noexcept {
    if (budget_ != nullptr)
      budget_->change(reported_, 0);
    budget_ = nullptr;
    reported_ = 0;
  }

  /// To be called between two handlers, after every round: reports to the budget what has changed
  /// if that is much.
  void report() {
    if (budget_ == nullptr || (held_ < reported_ + report_step && reported_ < held_ + report_step))
      return;
    const bool grown = held_ > reported_;
    budget_->change(std::exchange(reported_, held_), held_);
    if (grown && budget_->exceeded())
      on_exceeded_();
  }

private:
  static constexpr std::size_t max_spare = 64;
  static constexpr std::size_t max_capacity = 4UL * 1024; ///< bytes

  buffer take_spare() {
    if (spare_.empty())
      return std::make_unique<std::string>();
    auto taken = std::move(spare_.back());
    spare_.pop_back();
    return taken;
  }

  std::vector<buffer> spare_;
  std::size_t held_ = 0;
  std::size_t reported_ = 0; ///< of that
  buffer_budget* budget_ = nullptr;
  std::function<void()> on_exceeded_;
};

} // namespace klatch::net
