/// A store in an SQLite file.
#pragma once

#include "messages/clock.hpp"
#include "store/cannot_open.hpp"
#include "store/message_store.hpp"
#include "store/sqlite/background.hpp"
#include "store/sqlite/file_system.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace klatch::store {

enum class sync_mode {
  full,  ///< what has been kept outlasts a power failure
  normal ///< what has been kept outlasts the process; a power failure may take the last of it
};

struct sqlite_options {
  sync_mode sync = sync_mode::full;
  /// Bytes on the disk that are left free: appends that would take of them are refused.
  std::uint64_t min_free = 0;
  /// Says when marks are due, when a slice is over and when to look for free room again.
  clock time = machine_clock();
  /// Where the store's file lies; outlives the store.
  file_system* files = &machine_files();
  /// Runs what is done beside the writer.
  start_background beside = start_thread;

  // What follows is for tests and measurements.

  /// Messages that are in no index yet: with so many `upkeep` begins to write them into the
  /// indexes, and with four times as many `append` does it too.
  std::size_t tail_limit = 32'768;
  /// How long `upkeep` and an `append` that has to may take over it, about.
  std::chrono::microseconds slice{1'000};
  /// Marks are written so often at most.
  std::chrono::milliseconds marks_interval{100};
  /// Users, and conversations, that are remembered besides those of the tail.
  std::size_t cache_limit = 100'000;
  /// Growth of the write-ahead log from which on it is moved into the file in the background (a
  /// sixteenth of it where messages come one by one), and the size from which on the writer sees to
  /// it itself.
  std::size_t wal_soft_bytes = 16UL * 1024 * 1024;
  std::size_t wal_hard_bytes = 64UL * 1024 * 1024;
};

/// The store in `folder`, which is made (for its owner alone) if there is none. It is that of
/// one process at a time. Throws `cannot_open`.
std::unique_ptr<message_store> open_sqlite_store(const std::filesystem::path& folder,
                                                 sqlite_options options = {});

/// The store in `file`, which is there, without a look at the folder around it. Nobody else may use
/// it meanwhile. Throws `cannot_open`.
std::unique_ptr<message_store> open_store_file(const std::filesystem::path& file,
                                               sqlite_options options);

} // namespace klatch::store
