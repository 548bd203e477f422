/// Hands over all that a store in an SQLite file holds.
#pragma once

#include "store/moved_rows.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/store_file.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <unordered_map>

namespace klatch::store {

/// Reads one state of the file, which it does not change. What is in no index yet is handed over
/// like the rest; of that it has numbers in memory, as the store has.
class sqlite_export {
public:
  /// Keeps services from using the store in `folder` while it lives. Throws `cannot_open` if there
  /// is no store, one that is not sound, or a service that uses it.
  explicit sqlite_export(const std::filesystem::path& folder);

  const moved_store& what() const noexcept { return what_; }

  /// Each calls `take` with one after the other, by rising ids; messages by rising mid. They throw
  /// `database_error`, and what `take` throws.
  void each_user(const std::function<void(const moved_user&)>& take);
  void each_conversation(const std::function<void(const moved_conversation&)>& take);
  void each_message(const std::function<void(const moved_message&)>& take);
  void each_profile(const std::function<void(const moved_profile&)>& take);

private:
  /// Where a conversation has come to.
  struct reached {
    std::uint64_t n = 0;
    std::array<std::uint64_t, 2> sent{};
    std::int64_t ts = 0;
  };

  void read_whole();
  void read_tail(std::uint64_t watermark);

  folder_lock lock_;
  database source_;
  transaction one_state_;
  moved_store what_;
  std::unordered_map<std::uint64_t, std::uint64_t>
      inboxes_; ///< ends of those with unindexed entries
  std::unordered_map<std::uint64_t, reached> conversations_; ///< the same
};

} // namespace klatch::store
