/// HTTP connections that have not been upgraded, by address.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <unordered_map>

namespace klatch::net {

/// A connection that can make room while it is idle: while no request has begun.
class http_slot {
public:
  using clock = std::chrono::steady_clock;

  /// Closes the connection soon if it is still idle, otherwise after its answer. On any thread.
  virtual void make_room() = 0;

  /// When it became idle; nothing while it is busy. On any thread.
  std::optional<clock::time_point> idle_since() const noexcept {
    const auto since = idle_since_.load(std::memory_order_relaxed);
    return since == busy ? std::nullopt : std::optional{clock::time_point{clock::duration{since}}};
  }

protected:
  http_slot() = default;
  ~http_slot() = default;

  void begin_idle(clock::time_point now) noexcept {
    idle_since_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }
  void end_idle() noexcept { idle_since_.store(busy, std::memory_order_relaxed); }

private:
  static constexpr clock::rep busy = -1;

  std::atomic<clock::rep> idle_since_ = busy;
};

/// Which connections each address has, as `network_of` tells addresses apart. If one has all it may
/// have, the connection that has been idle longest makes room for the next. Not thread-safe: on the
/// listener's worker only.
class http_slots {
public:
  /// `most`: connections an address may have; 0 for no limit.
  explicit http_slots(unsigned most) noexcept : most_(most) {}

  /// Takes a slot for a connection of `address`; false if it has all it may have, and none is idle.
  bool take(const boost::asio::ip::address& address, const std::shared_ptr<http_slot>& arrived);

  /// The connection has ended, or is no longer HTTP. Does nothing if it has made room already.
  void give_back(const boost::asio::ip::address& address, const http_slot* left);

  /// Lets one make room for whoever it may be: of the address that has most connections the one
  /// that has been idle longest; false if none of these is idle.
  bool make_room();

private:
  /// By identity: what stands here is given back before its memory is used again.
  using connections = std::unordered_map<const http_slot*, std::weak_ptr<http_slot>>;

  static bool make_room(connections& among);

  unsigned most_;
  std::unordered_map<boost::asio::ip::address, connections> by_address_;
};

} // namespace klatch::net
