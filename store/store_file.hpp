/// The folder of a store: its file, its lock, and what speaks against using them. Nothing here
/// changes a file that is there.
#pragma once

#include "store/cannot_open.hpp"

#include <filesystem>

namespace klatch::store {

/// The store's file in its folder.
std::filesystem::path store_file(const std::filesystem::path& folder);

/// Throws `cannot_open` where the file is no store that this program can use, as far as its first
/// bytes tell.
void inspect_store_file(const std::filesystem::path& file);

/// Throws `cannot_open` where the file, or what belongs to it, cannot be written. Mode bits count
/// even for root, whom the system would let write.
void require_writable(const std::filesystem::path& file);

/// Keeps other processes from using a folder while it lives.
class folder_lock {
public:
  /// Throws `cannot_open` where another process has it.
  explicit folder_lock(const std::filesystem::path& folder);
  ~folder_lock();

  folder_lock(folder_lock&&) = delete;
  folder_lock& operator=(folder_lock&&) = delete;

private:
  int descriptor_;
};

/// Makes the folder, for its owner alone, where there is none.
void prepare_folder(const std::filesystem::path& folder);

/// Makes a new store, at once: whenever the process ends, there is all of it or none.
void create_store_file(const std::filesystem::path& file);

/// Writes a file, or the entries of a folder, to the disk.
void sync_to_disk(const std::filesystem::path& file);

} // namespace klatch::store
