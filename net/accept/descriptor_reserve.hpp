/// Descriptors that are not for new connections.
#pragma once

#include <algorithm>
#include <cstddef>
#include <sys/resource.h>

namespace klatch::net {

/// The last of the descriptors that the process may have are kept for those who are connected: for
/// the store, the page's files, and answers to those who are turned away. The system gives out the
/// lowest number that is free, so a number tells how many are in use at least: once those who have
/// high numbers stay and others leave, none may be left without a number having said so.
class descriptor_reserve {
public:
  /// Looks at the process's limit.
  void refresh() noexcept {
    rlimit allowed{};
    if (::getrlimit(RLIMIT_NOFILE, &allowed) == 0)
      limit_ = static_cast<std::size_t>(allowed.rlim_cur);
  }

  std::size_t limit() const noexcept { return limit_; }
  /// One in 16, at least 4 and at most 128.
  std::size_t size() const noexcept { return std::clamp<std::size_t>(limit_ / 16, 4, 128); }
  bool is_touched_by(int number) const noexcept {
    return static_cast<std::size_t>(number) + size() >= limit_;
  }

private:
  std::size_t limit_ = 1024;
};

} // namespace klatch::net
