/// Lines of the log that come again and again.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace klatch::actors {

/// Lets one line a minute out, and counts the others. Not thread-safe.
class repeated_lines {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes period{1};

  /// Returns how many were held back before this one, if it may go out; nothing if it may not.
  std::optional<std::size_t> admit(clock::time_point now) {
    if (next_ && now < *next_) {
      ++held_back_;
      return std::nullopt;
    }
    next_ = now + period;
    return std::exchange(held_back_, 0);
  }

private:
  std::optional<clock::time_point> next_;
  std::size_t held_back_ = 0;
};

} // namespace klatch::actors
