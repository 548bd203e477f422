/// A file system that is soon full.
#pragma once

#include "tests/faults/server_process.hpp"

#include <cstddef>
#include <optional>

namespace klatch::faults {

/// A tmpfs that only this process and its children see. A limit on file sizes would not be the
/// same: what is beyond it ends a process by a signal, or is another error.
class small_disk {
public:
  /// Nothing where the system does not permit it; says so then.
  static std::optional<small_disk> mount(std::size_t bytes);

  small_disk(small_disk&& other) noexcept = default;
  small_disk& operator=(small_disk&&) = delete;
  ~small_disk();

  const fs::path& path() const noexcept { return folder_->path(); }
  /// Leaves no room.
  void fill() const;
  /// Makes room again.
  void empty() const;

private:
  small_disk() : folder_(std::make_unique<scratch_folder>()) {}

  std::unique_ptr<scratch_folder> folder_;
};

} // namespace klatch::faults
