/// A PostgreSQL server that tests stop, kill, copy and promote.
#pragma once

#include "tests/cluster/program.hpp"

#include <memory>
#include <string>

namespace klatch::clustered {

/// Listens on the test's address. Nothing is synced to the disk: tests end processes, not machines.
class database_server {
public:
  /// Why there can be none here; empty: there can.
  static std::string why_not();

  /// Makes an empty one in `folder`, which whom PostgreSQL runs as may enter. Does not start it.
  database_server(fs::path folder, int port);
  /// Makes a standby of `primary`, which runs.
  database_server(fs::path folder, int port, const database_server& primary);

  /// Returns at once.
  void start();
  void wait_until_ready() const;
  bool answers() const;
  bool runs() const noexcept { return process_ != nullptr; }
  /// Returns true if it has ended by itself.
  bool has_ended() { return process_ != nullptr && process_->has_ended(); }
  /// Ends all of its processes in the midst of what they do; it recovers when it starts again.
  void crash();
  /// Stops it in order.
  void stop();
  /// From here on it is a primary. Returns at once.
  void promote();
  /// A standby gets nothing new any more.
  void end_replication();

  void set(const std::string& name, const std::string& value);
  /// The first column of all rows, a line each.
  std::string ask(const std::string& sql) const;

  std::string host() const;
  const fs::path& folder() const noexcept { return folder_; }

private:
  void configure();
  void command(const std::string& name, std::vector<std::string> words) const;

  fs::path folder_;
  int port_;
  std::unique_ptr<program> process_;
};

/// The URL of a database on several servers, of which one can be written to.
std::string url_of(const std::vector<std::string>& hosts);

} // namespace klatch::clustered
