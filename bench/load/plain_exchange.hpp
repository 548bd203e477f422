/// Plain clients in pairs that write to each other: client 2i and client 2i + 1.
#pragma once

#include "bench/load/plain_dialect.hpp"
#include "bench/load/swarm.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace load {

/// Checks that each message comes once, whole and in order. Throws `failure` otherwise.
class plain_exchange {
public:
  /// Called with the client that was sent a message, and with the message's number among those from
  /// its sender.
  using handler = std::function<void(std::size_t client, std::uint64_t number)>;

  /// Between the first `count` of the clients, which are open and outlive this; takes what all are
  /// sent.
  plain_exchange(swarm& clients, std::size_t count, std::size_t text_bytes);

  void on_message(handler wanted) { on_message_ = std::move(wanted); }

  /// Queues the client's next message to its partner.
  void send(std::size_t client);

  /// Takes what a client was sent: for a caller that has set another handler at the swarm.
  void take(std::size_t client, std::string_view text);

  /// Throws `failure` unless exactly what is under way still arrives.
  void finish();

  std::size_t size() const { return streams_.size(); }
  std::uint64_t delivered() const { return delivered_; }

  static std::size_t partner_of(std::size_t client) { return client ^ 1U; }

private:
  swarm& clients_;
  std::vector<plain_stream> streams_; ///< by sender
  handler on_message_;
  std::uint64_t sent_ = 0;
  std::uint64_t delivered_ = 0;
};

} // namespace load
