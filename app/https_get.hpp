/// What an https address answers, by libcurl.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace klatch::app {

/// Longest answer that is taken, in bytes, and how long it may take from first to last.
inline constexpr std::size_t max_https_bytes = 64UL * 1024;
inline constexpr std::chrono::milliseconds max_https_time{2'000};

/// Whose certificates are believed. Empty: those that libcurl was built with, as on Debian the
/// system's.
struct trusted_authorities {
  std::string file;   ///< certificates in PEM
  std::string folder; ///< one a file, as `openssl rehash` names them
};

/// What SSL_CERT_FILE and SSL_CERT_DIR say, which libcurl leaves to programs. Before there are
/// threads.
trusted_authorities authorities_of_environment();

/// Returns the address as it is asked. Throws `config_error` if it is no https address with a host,
/// or has a user, a password or a fragment in it.
std::string parse_https_address(std::string_view text);

/// Why there is no answer. `text` follows the address in a sentence, and is the same for the same
/// fault.
struct fetch_fault {
  enum class kind : std::uint8_t {
    unreachable, ///< no connection, no trust, no time
    refused      ///< an answer that cannot be used
  };
  kind what;
  std::string text;
};

/// Gets what is at `address`, with status 200; goes to no other one. Verifies the server's
/// certificate and name. Blocks for `max_https_time` at most, or until soon after `stopping` is
/// set.
std::variant<std::string, fetch_fault> https_get(const std::string& address,
                                                 const trusted_authorities& trusted,
                                                 const std::atomic<bool>& stopping);

} // namespace klatch::app
