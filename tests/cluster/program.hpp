/// A program that a test runs, where it wants it: in a network of its own, as another user.
#pragma once

#include "tests/store/installed_postgres.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace klatch::clustered {

namespace fs = std::filesystem;

struct program_options {
  std::vector<std::string> words; ///< the program's path and its arguments
  fs::path log = "/dev/null";     ///< takes its output, at the end
  int network = -1;               ///< descriptor of a network namespace; here: that of the test
  std::optional<test::system_account> as{}; ///< whom it runs as
  int last_signal = 9;                      ///< what ends it if the test ends without a word
};

/// A child process. Killed with the test, however that ends.
class program {
public:
  explicit program(const program_options& options);
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program();

  void signal(int number) const;
  /// Signals it and waits for its end.
  void end(int number);
  /// Returns true once it has ended by itself.
  bool has_ended();
  /// Its exit status, or 128 and the signal that has ended it; fails the test after `limit`.
  int wait(std::chrono::seconds limit);
  pid_t id() const noexcept { return id_; }

private:
  pid_t id_ = -1;
  std::optional<int> status_;
};

/// Runs a command to its end and fails the test where that fails.
void run(const program_options& options);
/// The same; its exit status.
int status_of(const program_options& options);

/// The path of a program that may stand where only root looks; empty if it is not installed.
std::string path_of(const std::string& name);

std::string text_of_file(const fs::path& file);

} // namespace klatch::clustered
