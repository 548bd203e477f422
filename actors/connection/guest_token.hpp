/// What the service gives a guest: an id, and the token that proves it.
#pragma once

#include "messages/auth/access_rules.hpp"
#include "messages/ids.hpp"

#include <cstdint>
#include <string>

namespace klatch::actors {

/// Returns an id that nobody has: 128 random bits. Throws `std::runtime_error` if there are none.
user_id make_guest_id();

/// A token and its end, in seconds since 1970 UTC.
struct guest_token {
  std::string text;
  std::int64_t expires;
};

/// Returns a token of `guest` that begins at `now`, in seconds since 1970 UTC. Throws
/// `std::runtime_error` if memory is short.
guest_token make_guest_token(const guest_rules& rules, const user_key& guest, std::int64_t now);

/// Returns true if over half of a token's life is gone, so that it is time for the next one.
bool is_half_over(const guest_rules& rules, std::int64_t expires, std::int64_t now) noexcept;

} // namespace klatch::actors
