/// Detects that a store's files have been deleted, moved away or replaced.
#pragma once

#include "store/message_store.hpp"
#include "store/sqlite/file_system.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace klatch::store {

/// A file that is deleted, moved away or replaced stays open, and what is written to it is lost
/// without an error. So the names are looked up again, and have to lead to the same files.
class file_watch {
public:
  /// Remembers the files of the store in `folder`, which are all open.
  file_watch(const std::filesystem::path& folder, const file_system& files);
  ~file_watch();

  file_watch(file_watch&&) = delete;
  file_watch& operator=(file_watch&&) = delete;

  /// Looks the files up: five system calls. Returns what has changed since the last call. One
  /// thread at a time.
  std::optional<store_change> check();

  /// Returns true if the last `check` has found files missing. On any thread.
  bool lost() const noexcept { return lost_.load(std::memory_order_relaxed); }
  /// Returns true if the write-ahead log is all that is lost.
  bool only_log_lost() const noexcept { return only_log_lost_; }
  /// Throws `files_lost` if anything is.
  void require_present() const {
    if (lost())
      refuse();
  }

private:
  struct watched {
    std::filesystem::path path;
    std::optional<file_identity> is{}; ///< nothing: it was not there
  };

  [[noreturn]] void refuse() const;
  /// What is wrong and what to do about it; empty if nothing is.
  std::string find_fault();

  std::filesystem::path folder_;
  const file_system& source_;
  int descriptor_; ///< keeps the folder's inode from being given to another one
  std::array<watched, 5> files_;
  std::string fault_;
  bool only_log_lost_ = false;
  std::atomic<bool> lost_{false};
};

} // namespace klatch::store
