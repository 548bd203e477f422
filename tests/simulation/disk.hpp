/// The disk of a machine that is simulated: files in memory that know what of them is synced.
#pragma once

#include "store/sqlite/file_system.hpp"
#include "tests/simulation/random.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace klatch::simulation {

/// What a call of SQLite's does with a file.
enum class disk_call { read, write, sync, lock };

/// A write, or a cut, that has not been synced.
struct disk_change {
  std::uint64_t offset;
  std::string bytes;
  bool cuts = false; ///< at the offset
};

/// Memory that the connections of one process share, and its locks.
struct shared_memory {
  static constexpr std::size_t lock_count = 8;

  std::vector<std::unique_ptr<char[]>> regions; // NOLINT: as SQLite asks for it
  std::array<int, lock_count> shared{};
  std::array<const void*, lock_count> exclusive{};
  int users = 0;
};

struct disk_file {
  std::uint64_t number;  ///< the file's own
  std::string bytes{};   ///< as a process sees it
  std::string durable{}; ///< as of the last sync
  std::vector<disk_change> changes{};
  bool dead = false; ///< of a process that is no more

  // Locks.
  int shared = 0;
  const void* reserved = nullptr;
  const void* exclusive = nullptr;
  shared_memory memory{};

  void write(std::uint64_t offset, std::string_view what);
  void cut(std::uint64_t size);
  void sync();
};

enum class crash_kind {
  process, ///< what was written stays, and stays unsynced
  power    ///< of what was not synced any part stays
};

/// Files by their names, as a process sees them. There are no folders: names begin alike.
using disk_files = std::map<std::string, std::shared_ptr<disk_file>, std::less<>>;

class disk final : public store::file_system {
public:
  /// The one that SQLite's VFS of the same name leads to, as long as it lives. One at a time.
  explicit disk(std::uint64_t seed);
  ~disk() override;
  disk(disk&&) = delete;
  disk& operator=(disk&&) = delete;

  static disk& current() noexcept;

  // As a store sees it.
  const char* vfs() const noexcept override { return "klatch-simulation"; }
  bool exists(const std::filesystem::path& file) const override;
  std::optional<store::file_identity>
  identify(const std::filesystem::path& file,
           const store::file_identity& if_unknown) const override;
  void sync(const std::filesystem::path& file) override;
  std::optional<std::uint64_t> free_bytes(const std::filesystem::path& folder) const override;

  // As its machine does.
  std::shared_ptr<disk_file> create(const std::string& name);
  /// Puts a file there that holds `bytes`, all of it synced.
  void put(const std::string& name, std::string bytes);
  std::shared_ptr<disk_file> find(std::string_view name) const;
  bool remove(std::string_view name);
  /// The process is no more: its handles lead nowhere. When the power fails, each change that was
  /// not synced is kept with that chance, whole or in part.
  void crash(crash_kind how, double kept);
  /// All files go; who has them open still has them.
  void empty();
  /// Takes all files away, or puts them back.
  void move_away();
  void move_back();
  bool is_away() const noexcept { return is_away_; }
  /// All files as they would be found by another process now.
  std::map<std::string, std::string> copy() const;

  random& entropy() noexcept { return entropy_; }

  /// The process that ends now leaves all names as they are.
  bool frozen = false;

  // What goes wrong.
  bool full = false;
  bool sync_fails = false;
  bool read_fails = false;

  /// Is called at every call of SQLite's, before it is done; may let others run.
  std::function<void(disk_call)> at_call;
  /// Lets time pass, in microseconds.
  std::function<void(std::int64_t)> sleep;
  /// ms since 1970 UTC.
  std::function<std::int64_t()> wall_ms;

  std::uint64_t syncs = 0;

private:
  random damage_;
  random entropy_;
  std::uint64_t next_number_ = 1;
  disk_files files_;
  disk_files away_;
  bool is_away_ = false;
};

/// Makes SQLite's VFS known. Once a process, before anything else of SQLite's.
void register_vfs();

/// Has SQLite draw its random numbers from the current disk, from now on.
void renew_randomness();

} // namespace klatch::simulation
