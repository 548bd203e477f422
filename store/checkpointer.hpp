/// Moves what the write-ahead log holds into the file, beside the writer.
#pragma once

#include "store/database.hpp"

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <thread>

namespace klatch::store {

/// Has a connection and a thread of its own, and never keeps the writer waiting, nor a reader.
/// A failure is left to the next time: until then the log just grows.
class checkpointer {
public:
  checkpointer(const std::filesystem::path& file, std::size_t step_bytes);
  ~checkpointer();

  checkpointer(checkpointer&&) = delete;
  checkpointer& operator=(checkpointer&&) = delete;

  /// The log is that large: works once it has grown by `step_bytes`.
  void log_grew_to(std::size_t bytes);

private:
  void work();

  database source_;
  std::size_t step_;
  std::size_t next_ = 0; ///< the size to work at; the writer's alone
  std::size_t last_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  bool over_ = false;
  std::thread thread_;
};

} // namespace klatch::store
