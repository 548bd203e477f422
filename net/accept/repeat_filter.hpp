/// Tells a new shortage from one that goes on.
#pragma once

#include <chrono>
#include <optional>

namespace klatch::net {

/// Each descriptor that becomes free ends a shortage for a moment: that is no news.
class repeat_filter {
public:
  using clock = std::chrono::steady_clock;

  /// What comes again within `calm` is the same one.
  explicit repeat_filter(clock::duration calm) : calm_(calm) {}

  /// Takes note of it; true where it is a new one.
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
