/// What is counted of the JWK set that is fetched.
#pragma once

#include "messages/counters.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace klatch::app {

/// What became of a fetch; `refused`: the answer is no set that can be used.
enum class fetch_outcome : std::uint8_t { fetched, unreachable, refused };
inline constexpr std::array<std::string_view, 3> fetch_outcome_names{"fetched", "unreachable",
                                                                     "refused"};

/// Counted by one thread at a time.
struct key_set_counters {
  counters_by<fetch_outcome, fetch_outcome_names.size()> fetches;
  gauge in_use;  ///< 1: there is an address
  gauge keys;    ///< of the set that is in force
  gauge good_at; ///< when it was last fetched, in ns of the steady clock; 0: never
};

} // namespace klatch::app
