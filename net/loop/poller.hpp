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

/// What a poller tells of its descriptor.
class pollable {
public:
  /// `events`, as in epoll_ctl(2), have come since it was told last. May be told of some that have
  /// not.
  virtual void on_events(std::uint32_t events) = 0;

protected:
  ~pollable() = default;
};

/// An epoll set, edge-triggered: what is told once is not told again until something new happens,
/// so that a message costs no system call but those that read and write it. Asio, which waits
/// for the set as a whole, would ask for each socket anew after each message.
///
/// Keeps whom it tells until `remove`. On its worker only.
class poller {
public:
  /// Where a pollable stands in the set.
  using place = std::uint32_t;

  /// Throws `std::system_error`.
  poller();

  /// Readable while somebody is to be told something.
  int descriptor() const noexcept { return set_.get(); }

  /// Tells `target` from now on when `socket`, which is not blocking, may be read. On an error
  /// nothing has changed.
  place add(int socket, std::shared_ptr<pollable> target, std::error_code& error);
  /// Tells also when it may be written again.
  void watch_writing(place where, int socket) noexcept;
  /// Tells somebody else.
  void replace(place where, std::shared_ptr<pollable> target) noexcept;
  /// Tells no more. The socket is to be closed then.
  std::shared_ptr<pollable> remove(place where) noexcept;

  /// Tells `where` in the next turn that it may be read.
  void repeat(place where);

  /// A handler has read that many bytes.
  void count_input(std::size_t bytes) noexcept { input_bytes_ += bytes; }

  /// Tells whoever there is something to tell, each once, at most 128 of new events, and nobody
  /// more once 256 KiB have been read: what is answered goes out before the rest is read. Those
  /// told again and those of new events take turns. Returns how many were told. Where a handler
  /// throws, the next turn goes on behind it.
  std::size_t turn();
  /// Somebody is left for the next turn, without a new event.
  bool unfinished() const noexcept {
    return !again_.empty() || !telling_.empty() || next_ != count_;
  }

private:
  void tell(place where, std::uint32_t events);

  klatch::net::descriptor set_;
  std::vector<std::shared_ptr<pollable>> places_;
  std::vector<place> free_;
  std::vector<place> again_;
  std::vector<place> telling_; ///< of those again, the ones whose turn it is
  std::array<epoll_event, 128> ready_{};
  std::size_t next_ = 0; ///< in `ready_`
  std::size_t count_ = 0;
  std::size_t input_bytes_ = 0; ///< read in this turn
};

} // namespace klatch::net
