/// Connections that are refused before anything of them is read.
#pragma once

#include "net/loop/descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>

namespace klatch::net {

/// Answers them at once. A socket that is closed while something of its client's is unread takes
/// the answer with it, so some are kept open for a moment; that many at most, the oldest goes
/// first. Not thread-safe.
class turned_away {
public:
  using clock = std::chrono::steady_clock;
  /// How long a client has to read the answer.
  static constexpr std::chrono::milliseconds time_to_read{1'000};

  /// Sends `answer` and ends the connection; `limit` may be kept, this one included.
  void add(descriptor socket, std::string_view answer, std::size_t limit, clock::time_point now);

  /// Closes those whose time is over. Returns true if any are left.
  bool close_due(clock::time_point now);

  std::size_t size() const noexcept { return kept_.size(); }
  void clear() noexcept { kept_.clear(); }

private:
  struct kept {
    descriptor socket;
    clock::time_point due;
  };

  std::deque<kept> kept_;
};

} // namespace klatch::net
