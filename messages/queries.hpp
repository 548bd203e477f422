/// What a client may ask of the store. A new query is a type here, a row with its decoder in
/// `command_table.cpp`, its answer in `archive_reader.cpp` and the frame of that in `encode_pages`.
#pragma once

#include "messages/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace klatch {

/// How far a client has got: the last entry of its inbox that it has seen.
struct resume_point {
  std::string epoch; ///< of the log that `since` counts in
  std::uint64_t since = 0;
};

/// Most entries of a page, and how many a page has if the client names no limit.
inline constexpr unsigned max_page = 200;
inline constexpr unsigned usual_page = 50;

/// `{"type":"history","with":…}`: part of a conversation.
struct history_query {
  user_id with;
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  unsigned limit = usual_page; ///< 1 to max_page
};

/// `{"type":"conversations"}`: those of the user, newest first.
struct conversations_query {
  std::optional<std::uint64_t> before; ///< the mid of a conversation's last message
  unsigned limit = usual_page;         ///< 1 to max_page
};

/// In the order of their rows in the command table.
using query = std::variant<history_query, conversations_query>;

} // namespace klatch
