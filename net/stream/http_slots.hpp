/// HTTP connections that have not been upgraded, by address.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace klatch::net {

/// Which connections can make room.
enum class room : std::uint8_t {
  idle,      ///< those of which no request has begun
  unfinished ///< also those of which a request has begun and does not end
};

/// A connection that can make room while it waits for its client.
class http_slot {
public:
  using clock = std::chrono::steady_clock;

  /// Closes the connection soon if it still can make `room`, otherwise after its answer. On any
  /// thread.
  virtual void make_room(room which) = 0;

  /// Since when it can make that room; nothing if it cannot. On any thread.
  std::optional<clock::time_point> waits_since(room which) const noexcept {
    const auto since = waits_since_.load(std::memory_order_relaxed);
    if (since == busy || (which == room::idle && begun_.load(std::memory_order_relaxed)))
      return std::nullopt;
    return clock::time_point{clock::duration{since}};
  }

protected:
  http_slot() = default;
  ~http_slot() = default;

  void begin_idle(clock::time_point now) noexcept {
    begun_.store(false, std::memory_order_relaxed);
    waits_since_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }
  /// A request has begun.
  void end_idle() noexcept { begun_.store(true, std::memory_order_relaxed); }
  /// It is whole, or the connection ends.
  void begin_busy() noexcept { waits_since_.store(busy, std::memory_order_relaxed); }

private:
  static constexpr clock::rep busy = -1;

  std::atomic<clock::rep> waits_since_ = busy;
  std::atomic<bool> begun_ = false;
};

/// Which connections each address has, as `network_of` tells addresses apart. If one has all it may
/// have, the connection that has been idle longest makes room for the next. Those that have been
/// asked to count no more, though they take a moment to go: but of an address there are never more
/// than twice as many as it may have. Not thread-safe: on the listener's worker only.
class http_slots {
public:
  /// `limit`: connections an address may have; 0 for no limit.
  explicit http_slots(unsigned limit) noexcept : limit_(limit) {}

  /// Counts from now on; those who have a slot keep it.
  void set_limit(unsigned limit) noexcept { limit_ = limit; }

  /// Takes a slot for a connection of `address`; false if it has all it may have, and none is idle.
  /// Not `limited`: it may have any number, as a proxy that stands for many clients.
  bool take(const boost::asio::ip::address& address, const std::shared_ptr<http_slot>& arrived,
            bool limited = true);

  /// The connection has ended, or is no longer HTTP.
  void give_back(const boost::asio::ip::address& address, const http_slot* left);

  /// Returns true if any connection is in the middle of a request, or waits for one since `fresh`
  /// or later.
  bool any_in_use(http_slot::clock::time_point fresh) const;

  /// Lets one make room for a connection of any address: of the address that has most connections
  /// the one that has waited longest, for a request or for the rest of one. False if all of these
  /// are busy, or `max_leaving` in all have been asked and are not gone yet.
  bool make_room(std::size_t max_leaving);

private:
  struct entry {
    std::weak_ptr<http_slot> who;
    bool asked = false; ///< to make room
  };
  struct of_address {
    /// By identity: what stands here is given back before its memory is used again.
    std::unordered_map<const http_slot*, entry> connections;
    std::size_t asked = 0;
  };

  bool has_slot(of_address& those);
  /// Asks the one that has waited longest of those that can make such room; false if none can.
  bool ask_one(of_address& those, room which);

  unsigned limit_;
  std::size_t asked_ = 0;
  std::unordered_map<boost::asio::ip::address, of_address> by_address_;
};

} // namespace klatch::net
