/// What a client may ask of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace klatch {

/// How far a client has got: the last entry of its inbox that it has seen.
struct resume_point {
  std::string epoch; ///< of the log that `since` counts in
  std::uint64_t since = 0;
};

/// Most entries of a page, and how many a page has if the client names no limit.
inline constexpr unsigned max_page = 200;
inline constexpr unsigned usual_page = 50;

/// `{"type":"conversations"}`: those of the user, newest first.
struct conversations_query {
  std::optional<std::uint64_t> before; ///< the mid of a conversation's last message
  unsigned limit = usual_page;         ///< 1 to max_page
};

} // namespace klatch
