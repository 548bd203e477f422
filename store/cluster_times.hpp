/// The times by which the nodes of a cluster judge each other. The same for all of them.
#pragma once

#include <chrono>

namespace klatch::store {

/// How often a node renews its lease.
inline constexpr std::chrono::milliseconds lease_renewal{1'000};
/// A lease that was not renewed for so long has run out.
inline constexpr std::chrono::milliseconds lease_time{5'000};
/// How often a node says on the bus that it is there.
inline constexpr std::chrono::milliseconds heartbeat{500};
/// A node that nothing was heard of for so long is not heard any more.
inline constexpr std::chrono::seconds deaf_after{2};
/// Between two looks at all heads while a node is not heard; more if a look takes long.
inline constexpr std::chrono::milliseconds fast_look{300};
/// In which all heads are looked at once, whatever is heard.
inline constexpr std::chrono::seconds slow_look{30};
/// How long an entry waits for those in front of it, which another writer may have stored.
inline constexpr std::chrono::milliseconds entry_hold{20};
/// Entries of an inbox that wait so at most.
inline constexpr unsigned held_entries = 64;

} // namespace klatch::store
