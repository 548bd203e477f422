/// The way out of one socket.
#pragma once

#include "net/buffer_pool.hpp"
#include "net/flushable.hpp"
#include "net/socket.hpp"
#include "net/worker.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace klatch::net {

/// Collects what is to be written in a round and writes it with one send at its end. Never blocks,
/// never reorders. What waits is bounded: a write that would go over the bound is refused whole. On
/// the socket's worker only.
class cork : public flushable {
public:
  cork(tcp_socket socket, worker& home, std::size_t bound) noexcept
      : socket_(std::move(socket)), home_(home), bound_(bound) {}

  tcp_socket& socket() noexcept { return socket_; }
  worker& home() const noexcept { return home_; }

  /// Appends both parts or nothing: false where they would go over the bound. Does nothing, and
  /// says true, once sealed.
  [[nodiscard]] bool append(std::string_view head, std::string_view body = {});

  /// Appends `last` whatever waits, and takes nothing after it.
  void append_last(std::string_view last);
  /// Takes nothing more.
  void seal() noexcept { sealed_ = true; }
  bool sealed() const noexcept { return sealed_; }

  /// Forgets what no byte of has been handed to the system. What remains ends at the end of an
  /// append.
  void drop_unsent() noexcept;

  /// Nothing waits.
  bool idle() const noexcept { return !waiting_ && !in_flight_; }

  void flush() final;

protected:
  ~cork() = default;

  /// Everything has been handed to the system.
  virtual void on_idle() = 0;
  /// The socket takes nothing more.
  virtual void on_write_error(boost::system::error_code error) = 0;
  /// Keeps this object while a write is under way.
  virtual std::shared_ptr<void> keep_alive() = 0;

private:
  bool has_room_for(std::size_t bytes) const noexcept;
  std::string& waiting();
  void write_rest(std::size_t written);

  tcp_socket socket_;
  worker& home_;
  std::size_t bound_;
  buffer_pool::buffer waiting_;   ///< nothing waits: null
  buffer_pool::buffer in_flight_; ///< what `async_write` is writing; else null
  bool sealed_ = false;
  bool broken_ = false;
};

} // namespace klatch::net
