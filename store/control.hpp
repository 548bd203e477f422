/// What operators have said to all nodes that share a store, and what these have in common.
#pragma once

#include "messages/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace klatch::store {

/// Most users that may be revoked at once.
inline constexpr std::size_t max_revocations = 100'000;

/// What was given to a user before `since`, in seconds since 1970 UTC, does not count.
struct revocation {
  user_key user;
  std::int64_t since = 0;

  friend bool operator==(const revocation&, const revocation&) = default;
};

/// All of it, as it was at one moment.
struct control_state {
  std::uint64_t number = 0;        ///< as `cluster_view::control`
  std::vector<revocation> revoked; ///< each user once, in no order
  std::string guest_secret;        ///< what guests are known by; empty: there is none yet
};

/// There are `max_revocations` already, and nothing was changed.
class too_many_revocations : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace klatch::store
