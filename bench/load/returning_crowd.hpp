/// Extended clients who write to each other and outlast a restart of their server.
#pragma once

#include "bench/load/extended_dialect.hpp"
#include "bench/load/stored_stream.hpp"
#include "bench/load/swarm.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
#include <utility>
#include <vector>

namespace load {

/// In pairs: client 2i and client 2i + 1. They come back when the server has told them to
/// (`reconnect`), with a cursor, and send again what was not acknowledged. Throws `failure` for a
/// message that is lost, cut, doubled or out of order.
class returning_crowd {
public:
  using clock = swarm::clock;

  returning_crowd(const target& server, std::size_t clients, std::size_t text_bytes);

  /// Connects and registers all of them.
  void open() { clients_.open_all(); }

  /// The clients in turn: the next one writes a message. While it is away, it keeps it.
  void write();

  /// Connects those whose time has come.
  void bring_back(clock::time_point now);

  /// Throws `failure` unless all that was written arrives and is acknowledged.
  void finish();

  swarm& clients() { return clients_; }
  bool all_back() const { return back_ == clients_.size(); }
  /// When the first and the last one so far came back; they have to.
  clock::time_point first_back() const { return first_back_.value(); }
  clock::time_point last_back() const { return last_back_.value(); }
  /// Connections that were refused, or ended before they were registered or without a time to come
  /// back.
  std::uint64_t refused() const { return refused_; }
  /// Sends of messages that had been sent before.
  std::uint64_t sent_again() const { return sent_again_; }
  std::uint64_t delivered() const { return delivered_; }

private:
  struct place {
    bool is_there = false;
    bool was_there = false; ///< so that it has a cursor
    bool is_back = false;   ///< was there before and then again
    /// That long after the close.
    std::optional<std::chrono::milliseconds> told_to_return;
  };
  using return_time = std::pair<clock::time_point, std::size_t>;

  void on_open(std::size_t client);
  void on_loss(std::size_t client);
  void take(std::size_t client, std::string_view text);
  void take_ack(std::size_t client, const frame_fields& frame);
  void take_message(std::size_t client, const frame_fields& frame);

  extended_clients identities_;
  swarm clients_;
  std::vector<stored_stream> streams_; ///< by sender
  std::vector<place> places_;
  /// When who comes back, the earliest on top.
  std::priority_queue<return_time, std::vector<return_time>, std::greater<>> away_;
  std::size_t turn_ = 0;
  std::size_t back_ = 0;
  std::optional<clock::time_point> first_back_;
  std::optional<clock::time_point> last_back_;
  std::uint64_t refused_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t sent_again_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t delivered_ = 0;
};

} // namespace load
