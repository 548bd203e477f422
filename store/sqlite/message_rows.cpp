#include "store/sqlite/message_rows.hpp"

#include <sqlite3.h>
#include <string>

namespace klatch::store {

namespace {

constexpr std::size_t most_users = 10'000;

} // namespace

message_rows::message_rows(database& source)
    : user_by_id_(source, "SELECT user FROM users WHERE id=?"),
      by_pos_(source,
              std::string{"SELECT "}.append(message_columns).append(" FROM log l WHERE l.pos=?")) {}

user_id message_rows::user(row_id id) {
  if (const auto known = users_.find(id); known != users_.end())
    return known->second;
  auto row = user_by_id_.query(id);
  auto found = row.next() ? user_id::parse(row.text(0)) : std::nullopt;
  if (!found)
    throw database_error{SQLITE_CORRUPT,
                         "there is no user " + std::to_string(id) + ", which the log names"};
  if (users_.size() >= most_users)
    users_.clear();
  return users_.emplace(id, *std::move(found)).first->second;
}

message message_rows::read(const cursor& row) {
  return {user(row.number(5)),
          user(row.number(6)),
          std::string{row.text(7)},
          std::string{row.text(8)},
          std::string{row.text(text_column)},
          {row.number(0), row.number(1), row.number(2), row.number(3), row.integer(4)}};
}

std::optional<message> message_rows::at(std::uint64_t pos) {
  auto row = by_pos_.query(pos);
  return row.next() ? std::optional{read(row)} : std::nullopt;
}

} // namespace klatch::store
