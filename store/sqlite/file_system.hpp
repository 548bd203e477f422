/// What a store asks of the system about its files, besides what SQLite asks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace klatch::store {

/// Which file a name leads to: the same for as long as the same file is there.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;

  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// The files that a store is kept in: the machine's, or those of a simulated disk. Every function
/// may be called on any thread.
class file_system {
public:
  virtual ~file_system() = default;

  /// The name of SQLite's VFS that leads to these files; null: that of its own.
  virtual const char* vfs() const noexcept = 0;

  virtual bool exists(const std::filesystem::path& file) const = 0;

  /// Returns which file or folder the name leads to, nothing if there is none, `if_unknown` if that
  /// cannot be looked up.
  virtual std::optional<file_identity> identify(const std::filesystem::path& file,
                                                const file_identity& if_unknown) const = 0;

  /// Writes a file, or the entries of a folder, to the disk. Throws `std::runtime_error`.
  virtual void sync(const std::filesystem::path& file) = 0;

  /// Returns how many bytes may be written in a folder; nothing if the system does not say.
  virtual std::optional<std::uint64_t> free_bytes(const std::filesystem::path& folder) const = 0;
};

/// Those of the machine.
file_system& machine_files() noexcept;

} // namespace klatch::store
