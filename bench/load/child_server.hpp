/// A server that the load program starts itself, to time its start.
#pragma once

#include "bench/load/listening_socket.hpp"

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
  /// Starts it with a socket that listens already, as systemd passes it on (sd_listen_fds(3)), and
  /// waits for nothing.
  child_server(const std::vector<std::string>& command, const listening_socket& passed);
  ~child_server();
  child_server(const child_server&) = delete;
  child_server& operator=(const child_server&) = delete;

  /// Ends it with SIGTERM. Throws `failure` unless its exit status is 0.
  void stop();

  /// Tells it to end (SIGTERM), and goes on.
  void begin_stop();
  /// Returns true once it has ended. Throws `failure` unless its exit status is 0.
  bool has_ended();
  /// User and system time of all its life; once it has ended.
  std::chrono::nanoseconds cpu_time() const { return cpu_time_; }

  clock::time_point started() const { return started_; } ///< right before it was
  clock::time_point ready() const { return ready_; }     ///< when its line had been read
  std::uint16_t port() const { return port_; }
  pid_t id() const { return id_; }

private:
  void spawn(std::vector<std::string> command, std::vector<std::string> environment, int output,
             int passed = -1);
  void read_port();
  bool wait_for_end(int options);

  clock::time_point started_;
  clock::time_point ready_;
  std::chrono::nanoseconds cpu_time_{};
  int output_ = -1; ///< the end of the pipe that is read
  pid_t id_ = -1;
  std::uint16_t port_ = 0;
};

} // namespace load
