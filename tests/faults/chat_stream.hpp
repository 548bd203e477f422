/// A WebSocket that never makes its user wait: many of them go in one loop, and each may break off
/// at any moment.
#pragma once

#include "tests/sockets/raw_client.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::faults {

/// Connects and upgrades; what is pushed before that is done waits.
class chat_stream {
public:
  explicit chat_stream(const net::tcp_endpoint& to);
  /// On a socket that is about to be connected. Where that fails, or the upgrade is refused, the
  /// stream ends.
  explicit chat_stream(net::descriptor connecting);

  void push(std::string_view text);

  /// Writes and reads what goes without waiting, and appends the text frames that have come as a
  /// whole. False once the server has closed, or is gone.
  bool step(std::vector<std::string>& came);

  /// With which the server has closed; nothing: it has not, or without one.
  std::optional<unsigned> close_code() const noexcept { return close_code_; }

  int descriptor() const noexcept { return socket_.descriptor(); }
  bool has_output() const noexcept { return !output_.empty(); }

private:
  bool write_some();
  bool read_some();
  /// True once the answer to the upgrade is there, and says yes.
  bool upgraded();
  /// Takes a frame off the input; false where none is whole.
  bool take_frame(sockets::server_frame& into);

  sockets::raw_client socket_;
  std::string output_;
  std::string waiting_; ///< frames for after the upgrade
  std::string input_;
  std::optional<unsigned> close_code_;
  bool open_ = false;
  bool may_be_refused_ = false;
  bool refused_ = false;
};

} // namespace klatch::faults
