/// The service's binary as a child process.
#pragma once

#include "net/accept/socket.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace klatch::sockets {

/// The end of a pipe that a child writes to.
class output_pipe {
public:
  output_pipe();
  output_pipe(const output_pipe&) = delete;
  output_pipe& operator=(const output_pipe&) = delete;
  ~output_pipe();

  int write_end() const noexcept { return write_end_; }
  /// To be called once the child has it.
  void close_write_end() noexcept;

  /// The next line that has `part` in it, without its end; fails the test where none comes in time.
  std::string wait_for_line(std::string_view part);
  /// All that is left, up to the end of the child.
  std::string rest();

private:
  /// False at the end.
  bool read_more();

  int read_end_ = -1;
  int write_end_ = -1;
  std::string input_;
};

/// What a child has for its standard descriptors instead of pipes that the test reads.
struct standard_streams {
  static constexpr int pipe = -1;
  static constexpr int closed = -2;

  int input = pipe; ///< here: that of the test
  int output = pipe;
  int errors = pipe;
};

/// What a child has as systemd gives it.
struct from_manager {
  std::vector<std::string> variables{};               ///< `NAME=value`, for its environment
  std::vector<std::pair<int, std::string>> sockets{}; ///< that it is passed on, and their names
  bool journal = false;                               ///< reads its standard error
};

/// Runs the binary that KLATCH_BIN names, or else the one built beside the tests. Killed at the end
/// if it still runs.
class child_process {
public:
  /// Nothing of ours in its environment, but for `more`.
  explicit child_process(const std::vector<std::string>& arguments, standard_streams streams = {},
                         const from_manager& more = {});
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();

  /// Waits for its line, and answers with the address of 127.0.0.1 in it.
  net::tcp_endpoint wait_until_ready();

  void signal(int number) const;
  /// Its exit status; fails the test where it runs longer than `limit` or ends by a signal.
  int wait(std::chrono::seconds limit);

  /// What its descriptor leads to, as the system names it.
  std::string descriptor(int number) const;
  /// How many descriptors it has open.
  std::uint64_t open_descriptors() const;
  void limit_descriptors(std::uint64_t most) const;
  /// How much memory it holds.
  std::uint64_t resident_bytes() const;

  output_pipe& standard_output() noexcept { return out_; }
  output_pipe& standard_error() noexcept { return err_; }

private:
  output_pipe out_;
  output_pipe err_;
  pid_t id_ = -1;
};

} // namespace klatch::sockets
