/// The settings of the network layer.
#pragma once

#include "messages/auth/access_rules.hpp"
#include "messages/limits.hpp"
#include "net/trusted_proxies.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace klatch::net {

class tls_certificates;

/// How long things may take. Tests make all of it shorter.
struct timing {
  std::chrono::milliseconds tick{1'000}; ///< resolution of all below
  std::chrono::milliseconds request{
      10'000}; ///< for a whole HTTP request, from its first byte or the one before
  std::chrono::milliseconds registration{10'000}; ///< from the upgrade to the registration
  std::chrono::milliseconds ping{25'000};         ///< between pings
  std::chrono::milliseconds gone{60'000};         ///< of silence until a connection is given up
  std::chrono::milliseconds close{
      5'000}; ///< for what is queued and the client's part of the closing handshake
  std::chrono::milliseconds accept_pause{100}; ///< after the system had no descriptor left
  std::chrono::milliseconds same_shortage{
      60'000}; ///< of descriptors, or of room for buffers: logged once if it comes again within
  std::chrono::milliseconds same_refusal{
      60'000}; ///< of origins, and of hosts: one is logged within
};

struct options {
  limits allowed;
  timing times;
  /// Most that all buffers in and out may hold together, in bytes; then those that hold most are
  /// closed, with 4508 or 1009. 0 for no limit.
  std::size_t buffer_bytes = 0;
  bool log_addresses = false;             ///< clients' addresses stand in the log
  std::vector<std::string> allow_origins; ///< besides the service's own and loopback; "*" for all
  /// Who may come in; never null.
  access_rules_ptr access = std::make_shared<const access_rules>();
  trusted_proxies proxies; ///< whose word on a client's address counts
  /// About how many connections there may be at a time, 0 for as many as there are descriptors.
  std::size_t max_connections = 0;
  /// Nobody is asked for a token, and nobody but this machine may reach that: requests by a proxy
  /// or by a name that is not loopback are refused.
  bool only_this_machine = false;
  /// For listeners with TLS; null if there are none.
  std::shared_ptr<tls_certificates> certificates;
  /// Most that may wait on a worker for their turn to shake hands; who comes then is closed.
  std::size_t handshakes_waiting = 4096;
  /// Webroot of an ACME client, whose challenges are answered.
  std::optional<std::filesystem::path> acme;
};

} // namespace klatch::net
