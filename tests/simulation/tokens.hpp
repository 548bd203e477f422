/// Tokens of a site whose users the devices are.
#pragma once

#include "messages/auth/access_rules.hpp"
#include "tests/simulation/trace.hpp"

#include <cstdint>
#include <string>

namespace klatch::simulation {

struct user;

/// What a token is worth to the service.
enum class token_worth : std::uint8_t {
  good,
  over,   ///< it was good once
  foreign ///< of another key than the site's
};

/// Who may come in where tokens are asked for.
access_rules_ptr site_rules();

/// A token of `who` that ends at `expires`, in seconds since 1970 UTC.
std::string make_token(const user& who, std::int64_t expires, token_worth worth);

/// When the connection of a token is ended that is not renewed: after `noted`, when it was accepted
/// at `wall_ms` of the service's clock.
us token_limit(us noted, std::int64_t wall_ms, std::int64_t expires) noexcept;

} // namespace klatch::simulation
