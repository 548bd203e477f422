/// Filters events that repeat an earlier one.
#pragma once

#include <chrono>
#include <optional>

namespace klatch::net {

/// Each freed descriptor interrupts a shortage for a moment; such interruptions do not start a new
/// one.
class repeat_filter {
public:
  using clock = std::chrono::steady_clock;

  /// An event within `calm` of the last one repeats it.
  explicit repeat_filter(clock::duration calm) : calm_(calm) {}

  /// Call for each event. Returns true if it is a new one.
  bool is_new(clock::time_point now) {
    const bool result = !seen_ || now - *seen_ >= calm_;
    seen_ = now;
    return result;
  }

private:
  clock::duration calm_;
  std::optional<clock::time_point> seen_;
};

} // namespace klatch::net
