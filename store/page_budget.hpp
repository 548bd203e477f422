/// Counts what goes into a page.
#pragma once

#include "store/message_store.hpp"

#include <algorithm>

namespace klatch::store {

/// How much of a `bound` is left. The same for every store, so that pages are.
class page_budget {
public:
  explicit page_budget(bound limit) noexcept
      : entries_(std::clamp<std::size_t>(limit.entries, 1, 1U << 30U)), bytes_(limit.bytes) {}

  /// Takes room for a text of `size` bytes; false if there is none. The first one always fits.
  bool take(std::size_t size) noexcept {
    if (entries_ == 0 || (!first_ && size > bytes_))
      return false;
    first_ = false;
    --entries_;
    bytes_ -= std::min(size, bytes_);
    return true;
  }

  /// Entries that may still come; 0 once there is no room for any text.
  std::size_t entries() const noexcept { return entries_; }

private:
  std::size_t entries_;
  std::size_t bytes_;
  bool first_ = true;
};

} // namespace klatch::store
