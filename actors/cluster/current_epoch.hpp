/// The epoch of the store, which may change while it is used.
#pragma once

#include <mutex>
#include <string>
#include <utility>

namespace klatch::actors {

/// Thread-safe.
class current_epoch {
public:
  explicit current_epoch(std::string now) : text_(std::move(now)) {}

  std::string get() const {
    const std::lock_guard guard{mutex_};
    return text_;
  }
  void set(std::string now) {
    const std::lock_guard guard{mutex_};
    text_ = std::move(now);
  }

private:
  mutable std::mutex mutex_;
  std::string text_;
};

} // namespace klatch::actors
