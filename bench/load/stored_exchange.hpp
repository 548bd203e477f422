/// Extended clients in pairs that write to each other: client 2i and client 2i + 1.
#pragma once

#include "bench/load/extended_dialect.hpp"
#include "bench/load/stored_stream.hpp"
#include "bench/load/swarm.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace load {

/// Checks everything that comes: each message once and whole, each `ack` for the next send, both in
/// the order of `seq` and of `n`, without a gap. Throws `failure` otherwise.
class stored_exchange {
public:
  /// Called with the client that was sent something, and with the message's number among those from
  /// its sender.
  using handler = std::function<void(std::size_t client, std::uint64_t number)>;

  /// `clients` are open, and those of `identities`; both outlive this.
  stored_exchange(swarm& clients, extended_clients& identities, std::size_t text_bytes);

  /// May be left out.
  void on_ack(handler wanted) { on_ack_ = std::move(wanted); }
  void on_message(handler wanted) { on_message_ = std::move(wanted); }

  /// Queues the client's next message to its partner.
  void send(std::size_t client);

  /// Throws `failure` unless exactly what is under way still arrives.
  void finish();

  std::uint64_t sent() const { return sent_; }
  std::uint64_t acked() const { return acked_; }
  std::uint64_t delivered() const { return delivered_; }

  static std::size_t partner_of(std::size_t client) { return client ^ 1U; }

private:
  void take(std::size_t client, std::string_view text);
  void take_place(std::size_t client, const frame_fields& frame);

  swarm& clients_;
  extended_clients& identities_;
  std::vector<stored_stream> streams_;     ///< by sender
  std::vector<std::uint64_t> last_number_; ///< `n`, by client; 0: none has come yet
  handler on_ack_;
  handler on_message_;
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t delivered_ = 0;
};

} // namespace load
