#include "store/sqlite/file_system.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace klatch::store {

namespace {

namespace fs = std::filesystem;

class machine_file_system final : public file_system {
public:
  const char* vfs() const noexcept override { return nullptr; }

  bool exists(const fs::path& file) const override { return fs::exists(file); }

  std::optional<file_identity> identify(const fs::path& file,
                                        const file_identity& if_unknown) const override {
    struct stat found {};
    if (stat(file.c_str(), &found) == 0)
      return file_identity{found.st_dev, found.st_ino};
    if (errno == ENOENT || errno == ENOTDIR)
      return std::nullopt;
    return if_unknown;
  }

  void sync(const fs::path& file) override {
    const auto descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    const std::string why = std::strerror(errno);
    if (descriptor >= 0)
      close(descriptor);
    if (!synced)
      throw std::runtime_error{"cannot write " + file.string() + " to the disk: " + why};
  }

  std::optional<std::uint64_t> free_bytes(const fs::path& folder) const override {
    struct statvfs found {};
    if (::statvfs(folder.c_str(), &found) != 0)
      return std::nullopt;
    return std::uint64_t{found.f_bavail} * found.f_frsize;
  }
};

} // namespace

file_system& machine_files() noexcept {
  static machine_file_system files;
  return files;
}

} // namespace klatch::store
