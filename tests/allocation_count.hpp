/// What a piece of code takes from the heap.
#pragma once

#include <cstddef>

namespace klatch {

/// Counts what this thread does with `new` and `delete` while it lives; one at a time. The program
/// that it is linked into has those operators replaced.
class allocation_count {
public:
  allocation_count() noexcept;
  ~allocation_count();
  allocation_count(const allocation_count&) = delete;
  allocation_count& operator=(const allocation_count&) = delete;

  std::size_t allocations() const noexcept { return allocations_; }
  /// Allocations less what was freed.
  std::size_t live() const noexcept { return allocations_ - frees_; }
  /// The largest single one, in bytes.
  std::size_t largest() const noexcept { return largest_; }

  void on_new(std::size_t bytes) noexcept;
  void on_delete() noexcept { ++frees_; }

private:
  std::size_t allocations_ = 0;
  std::size_t frees_ = 0;
  std::size_t largest_ = 0;
};

} // namespace klatch
