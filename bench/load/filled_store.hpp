/// Who wrote how much to whom in a store that `fill` has filled: what `history` and `missed` check
/// against.
#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

namespace load::filled_store {

// Users by their index. None of those who are written to is ever connected while it is filled.
inline constexpr std::size_t long_writer = 0;
inline constexpr std::size_t long_reader = 1; ///< its conversation is the long one
inline constexpr std::size_t short_writer = 2;
inline constexpr std::size_t short_reader = 3;
inline constexpr std::size_t reader = 4; ///< has missed messages from all the writers
inline constexpr std::size_t first_writer = 10;
inline constexpr std::size_t first_recipient = 1000;

/// The users who write to the reader and the recipients.
inline std::vector<std::size_t> writers(std::size_t count) {
  std::vector<std::size_t> users(count);
  std::iota(users.begin(), users.end(), first_writer);
  return users;
}

} // namespace load::filled_store
