/// The folder of a store: its file, its lock, and what speaks against using them. Nothing here
/// changes a file that is there.
#pragma once

#include "store/cannot_open.hpp"

#include <filesystem>
#include <string>

namespace klatch::store {

/// The store's file in its folder.
std::filesystem::path store_file(const std::filesystem::path& folder);

/// What a `folder_lock` holds.
std::filesystem::path lock_file(const std::filesystem::path& folder);

/// Throws `cannot_open` where the file is no store that this program can use, as far as its first
/// bytes tell.
void inspect_store_file(const std::filesystem::path& file);

/// Throws `cannot_open` where the file, or what belongs to it, cannot be written. Mode bits count
/// even for root, whom the system would let write.
void require_writable(const std::filesystem::path& file);

/// Why what is in the folder may be somebody else's work: others may write in it, or to the store's
/// files, or its lock is a link. Empty if nothing speaks against it.
std::string distrust(const std::filesystem::path& folder);

/// Keeps other processes from using a folder while it lives.
class folder_lock {
public:
  /// Throws `cannot_open` where another process has it, or the lock is a link.
  explicit folder_lock(const std::filesystem::path& folder);
  ~folder_lock();

  folder_lock(folder_lock&&) = delete;
  folder_lock& operator=(folder_lock&&) = delete;

private:
  int descriptor_;
};

/// Makes the folder, for its owner alone, if there is none. Throws `cannot_open` if it cannot be
/// written, belongs to another user than this process's, or may be written by others.
void prepare_folder(const std::filesystem::path& folder);

/// A new folder, for its owner alone, to make a store in: it has a name that nothing had before,
/// and is gone at the end with all that is in it.
class work_folder {
public:
  /// Throws `std::runtime_error`.
  explicit work_folder(const std::filesystem::path& parent);
  ~work_folder();

  work_folder(work_folder&&) = delete;
  work_folder& operator=(work_folder&&) = delete;

  /// An empty file in it. Throws `std::runtime_error`.
  std::filesystem::path make_file() const;

private:
  std::filesystem::path path_;
};

/// Makes a new store, at once: whenever the process ends, there is all of it or none.
void create_store_file(const std::filesystem::path& file);

} // namespace klatch::store
