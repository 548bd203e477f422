/// What the TLS connections of one worker share.
#pragma once

#include "net/loop/flushable.hpp"
#include "net/loop/poller.hpp"
#include "net/loop/worker.hpp"
#include "net/tls/shared_bios.hpp"
#include "net/tls/tls_certificates.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace klatch::net {

/// A connection that has to wait for its turn to shake hands, or to have other dear records looked
/// at. Leaves the queue at its end.
class handshake_turn : public boost::intrusive::list_base_hook<> {
public:
  /// Its turn has come, and is not over.
  bool granted() const noexcept { return granted_; }
  bool waits() const noexcept { return is_linked(); }

protected:
  handshake_turn() = default;
  ~handshake_turn() = default;

private:
  friend class tls_lane;
  poller::slot at_ = 0;
  bool granted_ = false;
};

/// A handshake costs as much as hundreds of messages: at most `at_once` are begun within a turn of
/// the worker's sockets; the others wait in order, at most `max_waiting` of them. What costs about
/// as much, such as several changes of keys, waits among them. On its worker only; outlives the
/// worker's TLS connections.
class tls_lane final : public flushable {
public:
  static constexpr std::size_t at_once = 4;
  /// Read at once, in bytes of ciphertext.
  static constexpr std::size_t input_bytes = 32UL * 1024;

  tls_lane(worker& home, const tls_certificates& certificates, std::size_t max_waiting)
      : home_(home), certificates_(certificates), max_waiting_(max_waiting) {}
  ~tls_lane() { home_.forget(*this); }

  shared_bios& bios() noexcept { return bios_; }
  /// Where ciphertext is read to: what is there is gone when a handler returns.
  std::span<char> input() noexcept { return input_; }
  /// Null while there are none.
  std::shared_ptr<const tls_contexts> contexts() const { return certificates_.current(); }

  /// Returns true if `who` may shake hands now, and counts it.
  bool take_turn(handshake_turn& who);
  /// Has `on_events` of the socket at `at` called when its turn comes. Returns false if too many
  /// wait.
  bool await_turn(handshake_turn& who, poller::slot at);
  void leave(handshake_turn& who) noexcept;

  /// What its connections are counted in.
  worker_counters& counters() const noexcept { return home_.counters(); }
  std::size_t waiting() const noexcept { return waiting_.size(); }

  /// The turn is over: the next ones have theirs.
  void flush() override;

private:
  void count_waiting() noexcept;

  worker& home_;
  const tls_certificates& certificates_;
  std::size_t max_waiting_;
  shared_bios bios_;
  boost::intrusive::list<handshake_turn> waiting_;
  std::size_t begun_ = 0;        ///< in this turn, and those whose turn comes in it
  std::uint64_t granted_in_ = 0; ///< the turn at whose end some were granted last; 0: none were
  std::array<char, input_bytes> input_{};
};

} // namespace klatch::net
