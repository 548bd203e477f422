/// A file descriptor with an owner.
#pragma once

#include <unistd.h>
#include <utility>

namespace klatch::net {

/// Closes what it owns. Move-only.
class descriptor {
public:
  descriptor() noexcept = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    descriptor taken{std::move(other)};
    std::swap(number_, taken.number_);
    return *this;
  }
  ~descriptor() { reset(); }

  bool is_open() const noexcept { return number_ >= 0; }
  /// -1 if nothing is owned.
  int get() const noexcept { return number_; }
  /// Gives it away.
  int release() noexcept { return std::exchange(number_, -1); }
  void reset() noexcept {
    if (is_open())
      ::close(release());
  }

private:
  int number_ = -1;
};

} // namespace klatch::net
