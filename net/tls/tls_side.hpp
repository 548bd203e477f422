/// The server's side of one TLS connection.
#pragma once

#include "messages/service_counters.hpp"
#include "net/tls/record_cutter.hpp"
#include "net/tls/tls_contexts.hpp"
#include "net/tls/tls_lane.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace klatch::net {

/// Turns what a client sends into text and what it is sent into records. Knows no socket. OpenSSL
/// is asked for nothing before the first record is whole, and then is given whole records only, so
/// that it keeps no buffer between them. On its worker only.
class tls_side final : public handshake_turn {
public:
  explicit tls_side(tls_lane& lane) noexcept : lane_(lane) {}
  tls_side(const tls_side&) = delete;
  tls_side& operator=(const tls_side&) = delete;
  ~tls_side();

  /// What has become of some input.
  enum class state : std::uint8_t {
    open,
    no_turn,    ///< what is dear has to wait: `await_turn`, then `open` without input
    not_secure, ///< a client that speaks HTTP without TLS
    over        ///< ended in order or by a fault; nothing can be read any more
  };
  struct opened {
    std::size_t bytes = 0;    ///< of text
    std::size_t overhead = 0; ///< of records beyond that
    /// Records after the handshake that brought no text, such as changes of keys.
    std::size_t textless = 0;
    state now = state::open;
  };

  /// Records without text that are looked at in one call; the others wait for a turn. One costs up
  /// to 26 µs if it changes keys and asks for the same, an eighth of a handshake.
  static constexpr std::size_t textless_at_once = 8;
  /// What OpenSSL has written of itself and a client does not take, in bytes; beyond it is over.
  static constexpr std::size_t max_own_output = 64UL * 1024;

  /// Takes `input` and writes text to `into`, which has room for `input` and a record. `input` is
  /// empty if it had to wait before.
  opened open(std::string_view input, std::span<char> into);
  /// Has `open` called again when its turn comes, by way of the socket at `at`; otherwise it is
  /// over.
  bool await_turn(poller::slot at) { return lane_.await_turn(*this, at); }

  /// Appends to `output` what has to go out first, then records of `text`; `last`: and that nothing
  /// follows. Returns false if that cannot be.
  bool seal(std::string_view text, bool last, std::string& output);
  /// Appends that nothing follows, unless that has been said.
  void end(std::string& output);

  /// There is something to go out before or without any text: of a handshake, or an alert.
  bool has_output() const noexcept { return !output_.empty(); }
  bool over() const noexcept { return over_; }
  void give_up() noexcept { over_ = true; }
  tls_lane& lane() const noexcept { return lane_; }

  /// What is kept of input, in bytes of memory.
  std::size_t held_bytes() const noexcept {
    return cutter_.bytes() + (held_.empty() ? 0 : held_.capacity());
  }

private:
  struct release {
    void operator()(ssl_st* each) const noexcept;
  };

  opened cut(std::string_view input, std::span<char> into);
  /// The next handshake record costs much.
  bool shakes_hands() const noexcept;
  bool begin();
  /// Gives whole records to OpenSSL, one after the other, and holds those that have to wait.
  void feed(std::string_view records, std::span<char> into, opened& result);
  void feed_one(std::string_view record, std::span<char> into, opened& result);
  bool shake_hands();
  void count(tls_outcome how) noexcept;
  /// Returns false if nothing more can be read for now.
  bool read_text(std::span<char> into, opened& result);

  tls_lane& lane_;
  std::unique_ptr<ssl_st, release> connection_;  ///< null before the first record
  std::shared_ptr<const tls_contexts> contexts_; ///< until the handshake is done
  record_cutter cutter_;
  std::string held_;   ///< records that wait for a turn
  std::string output_; ///< what OpenSSL has written of itself
  bool ready_ = false; ///< the handshake is done
  bool over_ = false;
  bool ended_ = false; ///< our `close_notify` is on its way
};

} // namespace klatch::net
