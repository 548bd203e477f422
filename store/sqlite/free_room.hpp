/// The room on the disk that a store leaves to others.
#pragma once

#include "store/sqlite/file_system.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <utility>

namespace klatch::store {

/// Asks the system once a second at most, or when a MiB has been written since.
class free_room {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Leaves `least` bytes free where `folder` is; 0: whatever there is.
  free_room(std::filesystem::path folder, const file_system& files, std::uint64_t least)
      : folder_(std::move(folder)), files_(files), least_(least) {}

  /// Returns true if `bytes` may be written now, with `owed` more to follow in any case, and counts
  /// them then. `now` must not fall.
  bool take(std::uint64_t bytes, std::uint64_t owed, time_point now);
  /// Has the next `take` ask the system.
  void forget() noexcept { known_ = false; }
  /// Returns true if the last `take` has asked it.
  bool looked() const noexcept { return written_ == 0; }

  std::uint64_t least() const noexcept { return least_; }
  /// Counts from now on.
  void set_least(std::uint64_t bytes) noexcept { least_ = bytes; }
  /// As the system said when it was last asked.
  std::uint64_t free_bytes() const noexcept { return free_; }

private:
  void look(time_point now);

  std::filesystem::path folder_;
  const file_system& files_;
  std::uint64_t least_;
  std::uint64_t free_ = 0;
  std::uint64_t written_ = 0; ///< since the system was asked
  time_point looked_{};
  bool known_ = false;
};

} // namespace klatch::store
