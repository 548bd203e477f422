/// A nats-server of a test's own.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace klatch::net {

/// On a free port of 127.0.0.1, in a folder of its own; killed at the end.
class nats_server {
public:
  /// Returns true if there is such a program; otherwise the test says that it is skipped.
  static bool is_installed();

  /// `configuration`: what its file says besides; %FOLDER is its folder there. Does not start it.
  explicit nats_server(std::string configuration = {});
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;
  ~nats_server();

  /// Returns when it takes connections; fails the test where it does not.
  nats_server& start();
  void kill();
  /// Stops it without ending it, and lets it go on.
  void freeze();
  void thaw();

  /// `127.0.0.1:PORT`, or another name of that address.
  std::string host(const std::string& name = "127.0.0.1") const;
  const std::filesystem::path& folder() const noexcept { return folder_; }

private:
  bool answers() const;

  std::filesystem::path folder_;
  std::string configuration_;
  int port_ = 0;
  pid_t id_ = -1;
};

} // namespace klatch::net
