/// Which sockets of a worker may be read or written again.
#pragma once

#include "net/loop/descriptor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sys/epoll.h>
#include <system_error>
#include <vector>

namespace klatch::net {

/// What a poller calls.
class pollable {
public:
  /// Called when `events`, as in epoll_ctl(2), have come since the last call. Some of them may not
  /// have.
  virtual void on_events(std::uint32_t events) = 0;

protected:
  ~pollable() = default;
};

/// An epoll set, edge-triggered: an event is dispatched once, until something new happens, so that
/// a message costs no system call but those that read and write it. Asio, which waits for the set
/// as a whole, would ask for each socket anew after each message.
///
/// Keeps its targets until `remove`. On its worker only.
class poller {
public:
  /// The number of a target in the set.
  using slot = std::uint32_t;

  /// Throws `std::system_error`.
  poller();

  /// Readable while the set has events.
  int descriptor() const noexcept { return set_.get(); }

  /// Calls `target` from now on when `socket`, which is not blocking, may be read. On an error
  /// nothing has changed.
  slot add(int socket, std::shared_ptr<pollable> target, std::error_code& error);
  /// Calls it also when it may be written again.
  void watch_writing(slot at, int socket) noexcept;
  /// Calls `target` instead.
  void replace(slot at, std::shared_ptr<pollable> target) noexcept;
  /// Ends that, and returns the target. The socket is to be closed then.
  std::shared_ptr<pollable> remove(slot at) noexcept;

  /// Dispatches a read event to `at` in the next turn.
  void repeat(slot at);

  /// A handler has read that many bytes.
  void count_input(std::size_t bytes) noexcept { input_bytes_ += bytes; }

  /// Dispatches pending events, repeats and up to 128 new ones in turns, until 256 KiB have been
  /// read: what is answered goes out before the rest is read. Returns how many handlers were
  /// called. If a handler throws, the next turn continues after it.
  std::size_t turn();
  /// How many turns have begun.
  std::uint64_t turns() const noexcept { return turns_; }
  /// Returns true if something is left for the next turn, without a new event.
  bool unfinished() const noexcept {
    return !again_.empty() || !repeating_.empty() || next_ != count_;
  }

private:
  void dispatch(slot at, std::uint32_t events);

  klatch::net::descriptor set_;
  std::vector<std::shared_ptr<pollable>> slots_;
  std::vector<slot> free_;
  std::vector<slot> again_;     ///< asked for by `repeat`
  std::vector<slot> repeating_; ///< of those, the ones whose turn it is
  std::array<epoll_event, 128> ready_{};
  std::size_t next_ = 0; ///< in `ready_`
  std::size_t count_ = 0;
  std::size_t input_bytes_ = 0; ///< read in this turn
  std::uint64_t turns_ = 0;
};

} // namespace klatch::net
