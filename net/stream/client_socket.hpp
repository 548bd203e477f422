/// A client's socket on its worker.
#pragma once

#include "net/loop/poller.hpp"
#include "net/stream/cork.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

namespace klatch::net {

/// Read when there is something to read, written at the end of a round. While it is open the
/// worker's poller keeps the object.
class client_socket : public cork, public pollable {
public:
  void on_events(std::uint32_t events) final;

protected:
  /// What one attempt to read has found.
  struct attempt {
    std::size_t bytes = 0;
    bool ended = false; ///< nothing will come any more
  };

  /// `socket` is not blocking.
  client_socket(descriptor socket, worker& home, std::size_t bound) noexcept
      : cork(std::move(socket), home, bound) {}
  /// Takes the socket of `before` over, which has nothing to write.
  client_socket(client_socket&& before, std::size_t bound) noexcept;
  ~client_socket() = default;

  /// From now on `self`, which is this, is told what comes; unless there is an error.
  std::error_code open(std::shared_ptr<pollable> self);
  /// The same where the socket has been taken over.
  void take_over(std::shared_ptr<pollable> self) noexcept;
  /// Closes the socket, and returns what has kept this.
  std::shared_ptr<pollable> shut() noexcept;

  /// There is, or may be, something to read.
  bool readable() const noexcept { return readable_; }
  attempt read(std::span<char> into) noexcept;
  /// Has `on_readable` called soon, as the worker's next turn.
  void read_later();

  /// There is something to read. It is told once: what is left is for later, when the session
  /// itself asks for it.
  virtual void on_readable() = 0;

private:
  void on_blocked() final;

  poller::place place_ = 0;
  bool readable_ = false;
  bool ending_ = false; ///< the end is behind what can be read
};

} // namespace klatch::net
