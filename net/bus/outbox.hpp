/// Frames that wait to be put on the bus.
#pragma once

#include "net/bus/link_counters.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

namespace klatch::net {

/// A queue with a bound in bytes; for any thread. Closed at first: it takes frames while it is
/// open.
class outbox {
public:
  enum class result {
    refused,    ///< closed, or full
    taken,      ///< behind others
    taken_first ///< it was empty: wake who empties it
  };

  explicit outbox(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  result push(std::string frame) noexcept {
    const std::scoped_lock lock{mutex_};
    if (!open_ || frame.size() > max_bytes_ - bytes_)
      return result::refused;
    const auto size = frame.size();
    const bool first = frames_.empty();
    try {
      frames_.push_back(std::move(frame));
    } catch (...) { // no memory
      return result::refused;
    }
    bytes_ += size;
    return first ? result::taken_first : result::taken;
  }

  bool empty() const {
    const std::scoped_lock lock{mutex_};
    return frames_.empty();
  }

  /// Returns all that waits, oldest first.
  std::deque<std::string> take_all() {
    const std::scoped_lock lock{mutex_};
    bytes_ = 0;
    return std::exchange(frames_, {});
  }

  void open() {
    const std::scoped_lock lock{mutex_};
    open_ = true;
  }

  /// Takes no more; what waits goes on waiting.
  void close() {
    const std::scoped_lock lock{mutex_};
    open_ = false;
  }

  /// The same, and drops what waits. Returns how many frames that were.
  std::size_t clear() {
    const std::scoped_lock lock{mutex_};
    open_ = false;
    bytes_ = 0;
    return std::exchange(frames_, {}).size();
  }

private:
  mutable std::mutex mutex_;
  std::deque<std::string> frames_;
  std::size_t bytes_ = 0; ///< of all frames
  std::size_t max_bytes_;
  bool open_ = false;
};

/// Pushes a frame that is no larger than `max_frame`, and counts it.
inline outbox::result push_counted(outbox& to, std::string frame, std::size_t max_frame,
                                   link_counters& counters) noexcept {
  const auto size = frame.size();
  const auto result = size <= max_frame ? to.push(std::move(frame)) : outbox::result::refused;
  if (result == outbox::result::refused)
    counters.count_refused();
  else
    counters.count_published(size);
  return result;
}

} // namespace klatch::net
