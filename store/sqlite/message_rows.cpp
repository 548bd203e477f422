#include "store/sqlite/message_rows.hpp"

#include <string>
#include <utility>

namespace klatch::store {

namespace {

constexpr std::size_t most_users = 10'000;

} // namespace

message_rows::message_rows(database& source)
    : user_by_id_(source, "SELECT project, user FROM users WHERE id=?"),
      by_pos_(source,
              std::string{"SELECT "}.append(message_columns).append(" FROM log l WHERE l.pos=?")) {}

const user_key& message_rows::user(row_id id) {
  if (const auto known = users_.find(id); known != users_.end())
    return known->second;
  auto row = user_by_id_.query(id);
  const bool found = row.next();
  auto project = found ? project_id::parse(row.text(0)) : std::nullopt;
  auto user = found ? user_id::parse(row.text(1)) : std::nullopt;
  if (!project || !user)
    throw database_error::damaged("there is no user " + std::to_string(id) +
                                  ", which the log names");
  if (users_.size() >= most_users)
    users_.clear();
  return users_.emplace(id, user_key{*std::move(project), *std::move(user)}).first->second;
}

stored_message message_rows::read(const cursor& row) {
  auto sender = user(row.number(5));
  auto conversation = conversation_id::dialogue(sender.user, user(row.number(6)).user);
  return {{.project = std::move(sender.project),
           .from = std::move(sender.user),
           .conversation = std::move(conversation),
           .cid = std::string{row.text(7)},
           .name = std::string{row.text(8)},
           .color = std::string{row.text(9)},
           .text = std::string{row.text(text_column)}},
          {.mid = row.number(0),
           .n = row.number(1),
           .from_seq = row.number(2),
           .to_seq = row.number(3),
           .ts = row.integer(4)}};
}

std::optional<stored_message> message_rows::at(std::uint64_t pos) {
  auto row = by_pos_.query(pos);
  return row.next() ? std::optional{read(row)} : std::nullopt;
}

} // namespace klatch::store
