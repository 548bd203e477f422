/// The keys of session tickets (RFC 8446 section 4.6.1, RFC 5077).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>

namespace klatch::net {

/// Seals and authenticates tickets; known by its name, which stands in the ticket.
struct ticket_key {
  std::array<unsigned char, 16> name;
  std::array<unsigned char, 32> cipher;
  std::array<unsigned char, 32> mac;
};

/// New tickets are sealed with a key of at most 12 hours; those that were sealed with one of the
/// two before it are opened still. Never on disk, so they end with the process; a new certificate
/// does not touch them. Thread-safe.
class ticket_keys {
public:
  using time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::hours lifetime{12};

  explicit ticket_keys(time now);

  /// Nothing if the system has no random bytes.
  std::optional<ticket_key> to_seal(time now);

  struct opener {
    ticket_key key;
    bool newest = false; ///< else the client is to get a new ticket
  };
  /// Nothing if the key is not known any more.
  std::optional<opener> to_open(std::span<const unsigned char, 16> name, time now);

private:
  void advance(time now);

  std::mutex mutex_;
  time made_;                                     ///< the newest one
  std::array<std::optional<ticket_key>, 3> keys_; ///< newest first
};

} // namespace klatch::net
