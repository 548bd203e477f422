#pragma once
/// A service whose settings stand in a file, and what shows that they hold.
#include "tests/faults/server_process.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace klatch::faults {

/// A service whose settings stand in a file.
class configured {
public:
  explicit configured(const std::string& text, const std::string& store = "none");

  const net::tcp_endpoint& endpoint() const noexcept { return endpoint_; }
  sockets::child_process& process() noexcept { return process_; }
  /// The line of the log that has `part` in it.
  std::string line_with(std::string_view part) {
    return process_.standard_error().wait_for_line(part);
  }

  /// Gives it other settings, and waits for the line of the log that has `part` in it.
  std::string change(const std::string& text, std::string_view part);
  /// Gives it other settings, and waits until it has them.
  void take(const std::string& text) { change(text, "the settings were reloaded"); }

private:
  fs::path written(const std::string& text) const;
  std::vector<std::string> arguments(const std::string& store) const;

  scratch_folder folder_;
  fs::path file_;
  sockets::child_process process_;
  net::tcp_endpoint endpoint_;
};

/// The status that an upgrade gets.
int upgraded(const net::tcp_endpoint& server, std::string_view more = {});

/// A limit as a client is told it.
int told_limit(const net::tcp_endpoint& server, const char* name);

/// A folder with a key of HS256 called site, named by a setting. It stays as long as the program.
std::string with_key(char letter);

/// The code of the error that a token gets; empty: it is accepted.
std::string refusal_of(const net::tcp_endpoint& server, const std::string& token);
/// Of the key of a folder; `more` claims as they stand in the JSON, with a comma before them.
std::string refusal_of(const net::tcp_endpoint& server, char key, const std::string& more = {});
/// Of a provider's key.
std::string refusal_by(const net::tcp_endpoint& server, char letter);

/// Names the set of a provider, which serves as long as the program runs.
std::string with_provider(char letter);

} // namespace klatch::faults
