/// A server that the load program starts itself, to time its start.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace load {

/// Ends with this, by SIGKILL where `stop` was not called.
class child_server {
public:
  using clock = std::chrono::steady_clock;

  /// Starts it and waits until it prints a line with `127.0.0.1:PORT`. Throws `failure` when it
  /// ends before, or 60 s have passed.
  explicit child_server(const std::vector<std::string>& command);
  ~child_server();
  child_server(const child_server&) = delete;
  child_server& operator=(const child_server&) = delete;

  /// Ends it with SIGTERM. Throws `failure` unless its exit status is 0.
  void stop();

  clock::time_point started() const { return started_; } ///< right before it was
  clock::time_point ready() const { return ready_; }     ///< when its line had been read
  std::uint16_t port() const { return port_; }
  pid_t id() const { return id_; }

private:
  void spawn(const std::vector<std::string>& command, int output);
  void read_port();

  clock::time_point started_;
  clock::time_point ready_;
  int output_ = -1; ///< the end of the pipe that is read
  pid_t id_ = -1;
  std::uint16_t port_ = 0;
};

} // namespace load
