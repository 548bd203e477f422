/// The way out of one socket.
#pragma once

#include "net/loop/buffer_pool.hpp"
#include "net/loop/descriptor.hpp"
#include "net/loop/flushable.hpp"
#include "net/loop/worker.hpp"
#include "net/tls/tls_side.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace klatch::net {

/// Collects what is to be written in a round and writes it with one send at its end. Never blocks,
/// never reorders. What waits is bounded: a write that would go over the bound is refused whole. On
/// the socket's worker only.
///
/// With TLS, what was collected becomes records at the round's end, as few as it fills; they have
/// to go out whole and in order then, so nothing of them is ever dropped.
class cork : public flushable {
public:
  /// `socket` is not blocking.
  cork(descriptor socket, worker& home, std::size_t bound) noexcept
      : home_(home), socket_(std::move(socket)),
        bound_(static_cast<std::uint32_t>(std::min<std::size_t>(bound, max_bound))) {}

  worker& home() const noexcept { return home_; }

  /// Appends both parts. Returns false, with nothing appended, if they would go over the bound.
  /// Once sealed it appends nothing and returns true.
  [[nodiscard]] bool append(std::string_view head, std::string_view body = {});

  /// Appends `last` even over the bound, and nothing after it.
  void append_last(std::string_view last);
  /// Appends nothing more.
  void seal() noexcept { sealed_ = true; }

  /// The length of the unit that stands at the front of `bytes`, such as a frame; 0: not known.
  using unit_length = std::size_t (*)(std::string_view bytes) noexcept;

  /// Discards queued units of which no byte has been sent; what remains ends where a unit does. If
  /// the length of one is not known, or with TLS, it discards only what it has not tried to send.
  void drop_unsent(unit_length length_of);

  /// What the way out holds, in bytes of memory; with TLS, what the way in does too.
  std::size_t output_bytes() const noexcept;

  /// Of that, what is kept of a record, which only the end of the connection frees.
  std::size_t record_bytes() const noexcept { return tls_ ? tls_->held_bytes() : 0; }

  /// What waits, in bytes.
  std::size_t waiting_bytes() const noexcept {
    return (waiting_ ? waiting_->size() : 0) + (in_flight_ ? in_flight_->size() : 0);
  }
  /// Nothing waits.
  bool idle() const noexcept { return !waiting_ && !in_flight_; }

  void flush() final { flush(0); }
  /// As `flush`, for a socket that is closed at once if the system takes all: then it goes out in
  /// one segment with the end.
  void flush_before_close();

protected:
  ~cork() = default;

  descriptor& socket() noexcept { return socket_; }
  /// Null for a connection without TLS.
  std::unique_ptr<tls_side>& tls() noexcept { return tls_; }
  /// The socket takes more: writes the rest of what it has not taken.
  void write_rest();
  /// Discards everything and appends nothing more: the socket is to be closed.
  void discard() noexcept;

  /// Everything has been handed to the system.
  virtual void on_idle() = 0;
  /// The socket takes nothing more.
  virtual void on_write_error() = 0;
  /// The socket takes nothing for now: `write_rest` is to be called when it does again.
  virtual void on_blocked() = 0;

private:
  static constexpr std::uint32_t max_bound = std::numeric_limits<std::uint32_t>::max();

  bool has_room_for(std::size_t bytes) const noexcept;
  void append_to_waiting(std::string_view head, std::string_view body);
  void flush(int flags);
  /// Turns what waits into records, and what TLS itself has to say before it. Returns false if the
  /// connection is broken.
  bool seal_round();
  /// Hands `what` to the system from `sent_` on, and adds to that what it takes. Returns false if
  /// the socket is broken.
  bool write(const std::string& what, int flags);
  void give_back(buffer_pool::buffer& done);

  std::uint32_t sent_ = 0; ///< of `in_flight_`, in bytes
  worker& home_;
  buffer_pool::buffer waiting_;   ///< nothing waits: null
  buffer_pool::buffer in_flight_; ///< what the socket has not taken all of; else null
  std::unique_ptr<tls_side> tls_;
  descriptor socket_;
  std::uint32_t bound_; ///< of both, in bytes
  bool sealed_ = false; ///< nothing is appended any more
  bool broken_ = false;
};

} // namespace klatch::net
