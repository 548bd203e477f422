#include "bench/load/disk.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/scenarios.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace load {

namespace {

constexpr std::size_t append_size = 4096;

/// A file that is gone with this.
class scratch_file {
public:
  explicit scratch_file(const std::string& folder)
      : path_(folder + "/append." + std::to_string(getpid())),
        fd_(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600)) {
    check(fd_ >= 0);
    struct statfs system {};
    check(fstatfs(fd_, &system) == 0);
    if (system.f_type == TMPFS_MAGIC)
      throw failure(folder + " is in memory: there is no disk to measure");
  }
  ~scratch_file() {
    if (fd_ >= 0)
      close(fd_);
    unlink(path_.c_str());
  }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;

  void append_and_sync(const std::array<char, append_size>& block) const {
    check(write(fd_, block.data(), block.size()) == static_cast<ssize_t>(block.size()));
    check(fdatasync(fd_) == 0);
  }

private:
  void check(bool worked) const {
    if (!worked)
      throw failure(path_ + ": " + std::strerror(errno));
  }

  std::string path_;
  int fd_;
};

} // namespace

latencies time_appends(const std::string& folder, std::size_t count) {
  using clock = std::chrono::steady_clock;
  const scratch_file file(folder);
  std::array<char, append_size> block{};
  block.fill('x');
  latencies result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = clock::now();
    file.append_and_sync(block);
    result.add(clock::now() - begin);
  }
  return result;
}

nlohmann::ordered_json run_disk(const disk_options& options) {
  return time_appends(options.folder, options.count).summary();
}

} // namespace load
