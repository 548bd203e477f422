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

/// What a client's socket calls: the session that owns it.
class socket_owner {
public:
  /// Called once when the socket becomes readable (edge-triggered). A session that stops before the
  /// socket is empty must call `read_later`.
  virtual void on_readable() = 0;
  /// Everything has been handed to the system.
  virtual void on_idle() = 0;
  /// The socket takes nothing more.
  virtual void on_write_error() = 0;

protected:
  ~socket_owner() = default;
};

/// Read when there is something to read, written at the end of a round. While it is open the
/// worker's poller keeps its owner.
class client_socket final : public pollable, public cork {
public:
  /// What one attempt to read has found.
  struct attempt {
    std::size_t bytes = 0;
    bool ended = false; ///< nothing will come any more
    /// The client speaks HTTP without TLS, and so does this from now on.
    bool not_secure = false;
    std::size_t overhead = 0; ///< what TLS took beside that, in bytes
    std::size_t textless = 0; ///< its records that brought no text
    std::size_t piece = 0;    ///< of a record of its that is not whole, in bytes; nothing else came
  };

  /// `socket` is not blocking. `bound`: what may wait to be written, in bytes.
  client_socket(socket_owner& owner, descriptor socket, worker& home, std::size_t bound) noexcept
      : cork(std::move(socket), home, bound), owner_(owner) {}
  /// Takes the socket of `before` over, which has nothing to write.
  client_socket(socket_owner& owner, client_socket&& before, std::size_t bound) noexcept;

  /// All that is read and written goes through TLS; before `open`. Returns false while there is no
  /// certificate for it.
  bool secure(tls_lane& lane);
  /// From now on the owner is called, which `keep` keeps; unless there is an error.
  std::error_code open(const std::shared_ptr<void>& keep);
  /// The same for a socket that has been taken over, which is open.
  void take_over(const std::shared_ptr<void>& keep) noexcept;
  /// Closes the socket and calls the owner no more. Returns what has kept the owner.
  std::shared_ptr<pollable> shut() noexcept;
  /// Gives the socket away, which was never opened.
  descriptor release() noexcept { return std::move(socket()); }

  /// There is, or may be, something to read.
  bool readable() const noexcept { return readable_; }
  /// With TLS, `into` has room for `tls_lane::input_bytes` and a record. No bytes without an end
  /// mean that there is nothing yet.
  attempt read(std::span<char> into) { return tls() ? read_secure(into) : receive(into); }
  /// Has `on_readable` called soon, as the worker's next turn.
  void read_later();

  /// Ends the output; the client may still send.
  void end_output() noexcept;
  /// Has the system hold at most about `bytes` that it has not sent yet.
  void limit_unsent(std::size_t bytes) noexcept;
  /// What has been appended and the client's system has not confirmed, in bytes.
  std::size_t unconfirmed_bytes() noexcept;

  void on_events(std::uint32_t events) override;

private:
  void on_idle() override { owner_.on_idle(); }
  void on_write_error() override { owner_.on_write_error(); }
  void on_blocked() override;

  attempt receive(std::span<char> into) noexcept;
  attempt read_secure(std::span<char> into);
  attempt after_opening(const tls_side::opened& found);
  void await_turn();
  /// What TLS has to say, such as why it ends; to a client that may have gone.
  void send_last_of_tls() noexcept;

  bool readable_ = false;
  bool ending_ = false; ///< the end is behind what can be read
  poller::slot slot_ = 0;
  socket_owner& owner_;
};

} // namespace klatch::net
