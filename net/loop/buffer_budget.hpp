/// How much all buffers of a process hold together.
#pragma once

#include <atomic>
#include <cstddef>

namespace klatch::net {

/// The sum over all workers, each of which adds what has changed with it. Thread-safe.
class buffer_budget {
public:
  /// `limit`: bytes; 0 for no limit.
  explicit buffer_budget(std::size_t limit) noexcept : limit_(limit) {}

  std::size_t limit() const noexcept { return limit_.load(std::memory_order_relaxed); }
  void set_limit(std::size_t limit) noexcept { limit_.store(limit, std::memory_order_relaxed); }
  /// What the buffers hold now, within `buffer_pool::report_step` a worker.
  std::size_t held() const noexcept { return held_.load(std::memory_order_relaxed); }
  bool exceeded() const noexcept {
    const auto most = limit();
    return most != 0 && held() > most;
  }

  /// What one worker's buffers hold is `after` instead of `before`.
  void change(std::size_t before, std::size_t after) noexcept {
    held_.fetch_add(after - before, std::memory_order_relaxed); // modulo 2^64
  }

private:
  std::atomic<std::size_t> limit_;
  std::atomic<std::size_t> held_{0};
};

} // namespace klatch::net
