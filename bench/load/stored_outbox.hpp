/// What one extended client has to write to several others.
#pragma once

#include "bench/load/extended_dialect.hpp"
#include "bench/load/stored_stream.hpp"
#include "bench/load/swarm.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

namespace load {

class stored_outbox {
public:
  struct share {
    stored_stream stream;
    std::uint64_t count;
  };

  /// The messages of the first share are spread evenly over the whole; between them the other
  /// shares have their turns, one message each. At least one share.
  explicit stored_outbox(std::vector<share> shares);

  bool has_more() const { return sent_ < total_; }

  /// The frame's text for the next message. Valid until the next call.
  std::string_view next();

  /// Throws `failure` unless the frame is the `ack` of the next message that was sent.
  void take_ack(const frame_fields& frame);

  std::uint64_t total() const { return total_; }
  std::uint64_t acked() const { return acked_; }

private:
  std::size_t choose();

  std::vector<share> shares_;
  std::size_t turn_ = 0;
  std::deque<std::size_t> under_way_; ///< shares, in the order of sending
  std::uint64_t total_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
};

/// Writes everything that is in the outboxes (client by client), each client with at most `window`
/// messages that are not acknowledged; `progress` is told every acknowledgement. Throws `failure`
/// when an `ack` is wrong or none comes for 20 s.
void write_all(swarm& clients, extended_clients& identities, std::vector<stored_outbox>& outboxes,
               std::size_t window, const std::function<void()>& progress = {});

} // namespace load
