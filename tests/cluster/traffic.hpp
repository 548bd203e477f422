/// What all devices of a scenario share.
#pragma once

#include "net/accept/socket.hpp"
#include "tests/cluster/latencies.hpp"
#include "tests/faults/told_log.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace klatch::clustered {

struct traffic {
  /// A send: when somebody wanted it, over which node, and whether it counts how long it took.
  struct sent {
    std::string to;
    time_point at;
    std::optional<unsigned> node;
    bool measured = true;
  };

  std::vector<net::tcp_endpoint> nodes;
  /// What a user registers with; empty: no token.
  std::function<std::string(const std::string& user)> token_of;
  std::mt19937_64 random;
  std::unordered_map<std::string, sent> sends;  ///< by cid
  std::map<std::string, faults::told_log> logs; ///< by epoch
  std::vector<std::string> epochs;              ///< in the order in which they were met
  std::set<std::string> acknowledged;           ///< cids
  latencies times;
  std::uint64_t reconnects = 0;
  std::map<std::string, std::uint64_t> errors; ///< by code
  /// Clients may have to start over, since the database is to lose messages.
  bool may_start_over = false;

  faults::told_log& log_of(const std::string& epoch) {
    const auto [found, is_new] = logs.try_emplace(epoch);
    if (is_new)
      epochs.push_back(epoch);
    return found->second;
  }
  const faults::told_log& last_log() const { return logs.at(epochs.back()); }
  std::uint64_t up_to(std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>{0, most}(random);
  }
};

} // namespace klatch::clustered
