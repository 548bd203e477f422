/// Bounds what waits for the threads that the store keeps busy.
#pragma once

#include <atomic>
#include <cstddef>

namespace klatch::actors {

/// Counts what waits somewhere, from any thread.
class slots {
public:
  explicit slots(std::size_t most) noexcept : most_(most) {}

  /// Takes a slot. Returns false if there is none.
  bool enter() noexcept {
    if (taken_.fetch_add(1, std::memory_order_relaxed) < most_)
      return true;
    leave();
    return false;
  }
  /// Takes a slot, over the bound if need be.
  void enter_anyhow() noexcept { taken_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept { taken_.fetch_sub(1, std::memory_order_relaxed); }

private:
  std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

/// Bounds what is queued for the archive and its readers. Thread-safe. When the store lags, `enter`
/// fails at once instead of the mailboxes growing.
class pending_limit {
public:
  struct bounds {
    std::size_t messages = 20'000;
    std::size_t bytes = 32UL * 1024 * 1024; ///< of texts
    std::size_t marks = 20'000;
    std::size_t inbox_asks = 100'000;
    std::size_t queries = 10'000;
  };

  explicit pending_limit(bounds most) noexcept
      : marks(most.marks), inbox_asks(most.inbox_asks), queries(most.queries), most_(most) {}

  /// Takes a slot for a message; false if there is none.
  bool enter(std::size_t bytes) noexcept {
    const auto messages = messages_.fetch_add(1, std::memory_order_relaxed);
    const auto before = bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (messages < most_.messages && before + bytes <= most_.bytes)
      return true;
    leave(1, bytes);
    return false;
  }

  /// Gives slots back.
  void leave(std::size_t messages, std::size_t bytes) noexcept {
    messages_.fetch_sub(messages, std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  /// What waits now.
  std::size_t waiting_messages() const noexcept {
    return messages_.load(std::memory_order_relaxed);
  }
  std::size_t waiting_bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

  slots marks;      ///< that wait to be set
  slots inbox_asks; ///< where an inbox stands, and for pages of it; at most one of a connection
  slots queries;    ///< of clients; at most one of a connection

private:
  bounds most_;
  std::atomic<std::size_t> messages_{0};
  std::atomic<std::size_t> bytes_{0};
};

} // namespace klatch::actors
