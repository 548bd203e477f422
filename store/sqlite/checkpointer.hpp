/// Moves what the write-ahead log holds into the file, beside the writer.
#pragma once

#include "store/sqlite/background.hpp"
#include "store/sqlite/database.hpp"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>

namespace klatch::store {

/// Has a connection of its own, and never keeps the writer waiting, nor a reader. A failure is left
/// to the next time: until then the log just grows.
class checkpointer {
public:
  checkpointer(const std::filesystem::path& file, const char* vfs, const start_background& start);

  checkpointer(checkpointer&&) = delete;
  checkpointer& operator=(checkpointer&&) = delete;

  /// The log is that large: makes a pass once it has grown by `step_bytes` since the last one was
  /// begun.
  void log_grew_to(std::size_t bytes, std::size_t step_bytes);

  /// Returns true if a pass has moved something since the last call. What was written meanwhile is
  /// for the writer to move: only then does the log begin anew, in place, where a sync costs half
  /// of what it does at the end of a growing file.
  bool take_moved() noexcept { return moved_.exchange(false, std::memory_order_relaxed); }

private:
  void pass() noexcept;

  database source_;
  // The writer's alone.
  std::size_t last_ = 0;     ///< size of the log
  std::size_t begun_at_ = 0; ///< its size when the last pass was begun
  std::atomic<bool> moved_{false};
  std::unique_ptr<background_job> job_; ///< the last one: it uses the others
};

} // namespace klatch::store
