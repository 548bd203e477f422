/// What has been sent to one actor.
#pragma once

#include <caf/mailbox_element.hpp>

#include <atomic>
#include <cassert>
#include <utility>

namespace klatch::actors {

/// A queue for any number of senders, on whatever threads, and one reader: two pointers. Unbounded:
/// what bounds it is said where its actor is.
///
/// Senders push onto a lock-free stack; the reader detaches it whole and reverses it, so delivery
/// is FIFO. The head also encodes whether the reader sleeps: a push that finds it asleep must
/// schedule the reader. Nodes are never popped one by one, so there is no ABA problem.
///
/// Order of memory: a push releases and a take acquires, so the reader sees what a sender has done
/// before it pushed, of each of them, since pushes are read-modify-writes of one atomic. `close`
/// releases and a push that finds the mailbox closed acquires, so the sender sees what the reader
/// has done before it closed. Going to sleep orders nothing: the reader wakes on the same thread.
class lean_mailbox {
public:
  enum class pushed {
    queued,
    woke,  ///< the reader sleeps no longer: it has to be run
    closed ///< and so not taken
  };

  lean_mailbox() = default;
  lean_mailbox(const lean_mailbox&) = delete;
  lean_mailbox& operator=(const lean_mailbox&) = delete;
  ~lean_mailbox() {
    close([](const caf::mailbox_element&) {});
  }

  /// Takes `element` unless the mailbox is closed. On any thread.
  pushed push(caf::mailbox_element_ptr& element) noexcept {
    assert(element != nullptr);
    auto* before = head_.load(std::memory_order_acquire);
    do {
      if (before == &ended)
        return pushed::closed;
      element->next = before == &asleep ? nullptr : before;
    } while (!head_.compare_exchange_weak(before, element.get(), std::memory_order_release,
                                          std::memory_order_acquire));
    static_cast<void>(element.release());
    return before == &asleep ? pushed::woke : pushed::queued;
  }

  /// On any thread; what is closed stays so.
  bool closed() const noexcept { return head_.load(std::memory_order_acquire) == &ended; }

  // The reader's part. A mailbox sleeps at first.

  /// Of one that sleeps, and that nobody else knows yet.
  void wake() noexcept {
    assert(head_.load(std::memory_order_relaxed) == &asleep);
    head_.store(nullptr, std::memory_order_relaxed);
  }

  /// The next element, or null. Neither asleep nor closed.
  caf::mailbox_element_ptr take() noexcept {
    if (ready_ == nullptr && head_.load(std::memory_order_relaxed) != nullptr)
      ready_ = turned_round(head_.exchange(nullptr, std::memory_order_acquire));
    return next_ready();
  }

  /// Goes to sleep if there is nothing to take. Returns true if it does.
  bool sleep() noexcept {
    node* nothing = nullptr;
    return ready_ == nullptr &&
           head_.compare_exchange_strong(nothing, &asleep, std::memory_order_relaxed,
                                         std::memory_order_relaxed);
  }

  /// Takes nothing more, and hands what is left to `visit`, in order.
  template<class Visit>
  void close(Visit visit) {
    auto* left = head_.exchange(&ended, std::memory_order_acq_rel);
    while (const auto element = next_ready())
      visit(*element);
    if (left == &asleep || left == &ended)
      return;
    ready_ = turned_round(left);
    while (const auto element = next_ready())
      visit(*element);
  }

private:
  using node = caf::intrusive::singly_linked<caf::mailbox_element>;

  static node* turned_round(node* newest) noexcept {
    node* oldest = nullptr;
    while (newest != nullptr) {
      auto* older = std::exchange(newest->next, oldest);
      oldest = std::exchange(newest, older);
    }
    return oldest;
  }

  caf::mailbox_element_ptr next_ready() noexcept {
    if (ready_ == nullptr)
      return nullptr;
    auto* element = std::exchange(ready_, ready_->next);
    return caf::mailbox_element_ptr{static_cast<caf::mailbox_element*>(element)};
  }

  // Addresses that are no element's.
  static inline node asleep;
  static inline node ended;

  std::atomic<node*> head_{&asleep}; ///< the newest; null: none, and the reader is awake
  node* ready_ = nullptr;            ///< taken, the oldest first
};

} // namespace klatch::actors
