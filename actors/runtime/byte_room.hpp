/// Bounds what waits between two threads, in bytes.
#pragma once

#include <atomic>
#include <cstddef>

namespace klatch::actors {

/// Thread-safe.
class byte_room {
public:
  explicit byte_room(std::size_t most) noexcept : most_(most) {}

  /// Takes room for `bytes`. Returns false if there is none.
  bool enter(std::size_t bytes) noexcept {
    if (taken_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= most_)
      return true;
    leave(bytes);
    return false;
  }
  void leave(std::size_t bytes) noexcept { taken_.fetch_sub(bytes, std::memory_order_relaxed); }

private:
  std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

} // namespace klatch::actors
