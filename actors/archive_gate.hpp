/// How much may wait to be stored.
#pragma once

#include <atomic>
#include <cstddef>

namespace klatch::actors {

/// Counts what is on its way to the archive, from the connections' threads, so that a store that
/// lags makes sends fail at once instead of memory grow.
class archive_gate {
public:
  struct bounds {
    std::size_t messages = 20'000;
    std::size_t bytes = 32UL * 1024 * 1024; ///< of texts
  };

  explicit archive_gate(bounds most) noexcept : most_(most) {}

  /// Takes a place for a message; false where there is none.
  bool enter(std::size_t bytes) noexcept {
    const auto messages = messages_.fetch_add(1, std::memory_order_relaxed);
    const auto before = bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (messages < most_.messages && before + bytes <= most_.bytes)
      return true;
    leave(1, bytes);
    return false;
  }

  /// Gives places back.
  void leave(std::size_t messages, std::size_t bytes) noexcept {
    messages_.fetch_sub(messages, std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

private:
  bounds most_;
  std::atomic<std::size_t> messages_{0};
  std::atomic<std::size_t> bytes_{0};
};

} // namespace klatch::actors
