/// The real service on a folder of its own.
#pragma once

#include "tests/sockets/child_process.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace klatch::faults {

namespace fs = std::filesystem;

/// How long the process may take to end.
inline constexpr std::chrono::seconds soon{60};

/// A folder for one test, gone with it.
class scratch_folder {
public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();

  const fs::path& path() const noexcept { return path_; }
  fs::path operator/(const char* name) const { return path_ / name; }

private:
  fs::path path_;
};

std::string bytes_of(const fs::path& file);

/// The arguments to serve `data` on any port, without limits on senders. `min_free`: MiB that are
/// to stay free.
std::vector<std::string> serving(const fs::path& data, const std::vector<std::string>& more = {},
                                 const std::string& min_free = "0");

/// A server that is ready.
struct server_process {
  explicit server_process(const fs::path& data, const std::vector<std::string>& more = {},
                          const std::string& min_free = "0")
      : process(serving(data, more, min_free)), endpoint(process.wait_until_ready()) {}

  /// Tells it to stop, and it does so in order.
  void stop();

  sockets::child_process process;
  net::tcp_endpoint endpoint;
};

/// What became of a command.
struct ended {
  int status;
  std::string output;
  std::string errors;
};

/// Runs the binary to its end.
ended run_to_end(const std::vector<std::string>& arguments);

/// `klatch check` finds nothing.
void expect_sound(const fs::path& data);

/// It says why it cannot start, in one sentence that has `part` in it, and nothing else.
void expect_refused(const ended& command, const std::string& part);

} // namespace klatch::faults
