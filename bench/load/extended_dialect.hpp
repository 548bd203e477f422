/// The extended dialect as far as the load program speaks it: registrations with a cursor, and what
/// an inbox sends.
#pragma once

#include "bench/load/frame_fields.hpp"
#include "bench/load/greeting.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace load {

/// Where a client stands in its user's inbox.
struct inbox_cursor {
  std::string epoch;
  std::uint64_t head = 0; ///< at the registration
  std::uint64_t seen = 0; ///< the last entry

  /// Throws `failure` unless `frame` (an `ack` or a `usermsg`) is the next entry of the inbox.
  void take(const frame_fields& frame);
};

/// Clients that register in the extended dialect, each as a user of its own.
class extended_clients {
public:
  /// `users`: which user each client is. Has to outlive the swarm that is given its greeting.
  explicit extended_clients(std::vector<std::size_t> users);

  /// Clients that are the users with their own indexes.
  explicit extended_clients(std::size_t clients);

  /// From the next registration on, this client asks for what came after `since`, and the answer
  /// has to be that it gets it.
  void resume(std::size_t client, const std::string& epoch, std::uint64_t since);

  greeting words();

  std::size_t size() const { return users_.size(); }
  std::size_t user(std::size_t client) const { return users_[client]; }
  inbox_cursor& inbox(std::size_t client) { return inboxes_[client]; }

private:
  std::string registration(std::size_t client) const;
  void take_welcome(std::size_t client, std::string_view text);

  std::vector<std::size_t> users_;
  std::vector<inbox_cursor> inboxes_;
  std::vector<bool> resumes_;
};

/// Throws `failure` when a frame that is neither an `ack` nor a `usermsg` is an error or of a type
/// that nobody asked for.
void check_extended_notice(const frame_fields& frame);

} // namespace load
