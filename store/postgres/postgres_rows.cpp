#include "store/postgres/postgres_rows.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace klatch::store {

bound within_reach(bound limit) noexcept {
  constexpr std::size_t most = 1U << 30U;
  return {std::clamp<std::size_t>(limit.entries, 1, most), std::min(limit.bytes, most)};
}

user_id user_in(const result_rows& rows, std::size_t row, std::size_t column) {
  auto result = user_id::parse(rows.bytes(row, column));
  if (!result)
    throw unavailable{"the store has a user whose id can be none: see klatch check"};
  return *std::move(result);
}

stored_message message_in(const result_rows& rows, std::size_t row, std::size_t column,
                          const project_id& project, user_id from, conversation_id conversation) {
  const auto text = [&](std::size_t offset) {
    return std::string{rows.bytes(row, column + offset)};
  };
  auto cid = text(5);
  if (cid.size() > longest_cid) // The store's own.
    cid.clear();
  return {{.project = project,
           .from = std::move(from),
           .conversation = std::move(conversation),
           .cid = std::move(cid),
           .name = text(6),
           .color = text(7),
           .text = text(text_column)},
          {.mid = rows.number(row, column),
           .n = rows.number(row, column + 1),
           .from_seq = rows.number(row, column + 2),
           .to_seq = rows.number(row, column + 3),
           .ts = rows.integer(row, column + 4)}};
}

} // namespace klatch::store
