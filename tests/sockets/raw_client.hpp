/// A client on plain BSD sockets, without any of the libraries that the server is made of: one
/// library's mistake must not be hidden by the same mistake at the other end.
#pragma once

#include "net/accept/socket.hpp"
#include "net/loop/descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::sockets {

/// How long anything may take before a test fails. Long, since a sanitizer on a busy machine is
/// slow; nothing waits for it to pass.
inline constexpr std::chrono::seconds patience{30};

/// Waits for `events` of poll(2) on `descriptor`; false once `limit` has passed.
bool wait_for(int descriptor, short events, std::chrono::steady_clock::time_point limit);

/// A frame from the server: unmasked, no reserved bits, shortest length form, or the test has
/// failed.
struct server_frame {
  bool fin;
  unsigned kind;
  std::string payload;
};

struct http_reply {
  int status;
  std::map<std::string, std::string> fields; ///< names in lower case
  std::string body;
};

/// What a header says, up to the empty line; the body is yet to be read.
http_reply parse_head(const std::string& head);

/// A TCP connection to the server. What is missing after `patience` fails the test.
class raw_client {
public:
  /// `receive_buffer`: bytes for SO_RCVBUF, set before connecting; 0 for the system's choice.
  explicit raw_client(const net::tcp_endpoint& to, int receive_buffer = 0);
  /// On a socket that is connected already, or is about to be.
  explicit raw_client(net::descriptor socket) noexcept : descriptor_(socket.release()) {}
  raw_client(raw_client&& other) noexcept;
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  raw_client& operator=(raw_client&&) = delete;
  ~raw_client();

  void write(std::string_view bytes);
  /// Writes what the server takes until it closes; the answer is how much that was.
  std::size_t write_until_refused(std::string_view bytes);
  /// Writes and ends this side of the connection, with the end in the last segment.
  void write_last(std::string_view bytes);
  /// Ends this side of the connection and goes on reading.
  void shut_down();
  /// Ends the connection at once, with a reset where data waits to be read.
  void disconnect() noexcept;

  std::string read(std::size_t bytes);
  std::string read_line_block(); ///< up to the first empty line, which is included
  /// An answer and its body; `to_head`: the answer is to HEAD and has none.
  http_reply read_reply(bool to_head = false);
  server_frame read_frame();

  /// Whether something comes within `limit`: bytes or the end.
  bool readable_within(std::chrono::milliseconds limit);
  /// The server closes in order (no reset), with nothing before that.
  void expect_end();
  /// The connection ends, whatever comes before and however.
  void drain_to_end();
  /// Takes what has come by now; true where that was the end.
  bool has_ended();

  int descriptor() const noexcept { return descriptor_; }

private:
  /// False at the end of the stream.
  bool read_more();
  void need(std::size_t bytes);

  int descriptor_ = -1;
  std::string input_;
};

} // namespace klatch::sockets
