/// Where a cluster's NATS servers are, as written in a setting.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::net {

/// `nats://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…][?creds=FILE&ca=FILE&cluster=NAME]`, or with
/// `tls://`.
struct nats_address {
  std::vector<std::string> servers; ///< `HOST:PORT` each, at least one; they are one cluster
  bool tls = false;                 ///< and the certificate has to be the host's
  std::string user{};               ///< without a password it is a token; empty: none
  std::string password{};
  std::string credentials_file{}; ///< a JWT and its key, as `nsc` writes them; empty: none
  std::string ca_file{};          ///< in PEM; empty: the certificates that the system trusts
  std::string cluster = "live";   ///< where no store names it

  friend bool operator==(const nats_address&, const nats_address&) = default;
};

/// Returns what `text` says; USER and PASSWORD may have `%40` and the like. Throws
/// `std::invalid_argument`, whose text has no password in it.
nats_address parse_nats_address(std::string_view text);

} // namespace klatch::net
