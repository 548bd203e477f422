#include "store/sqlite/registry.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace klatch::store {

namespace {

#define KLATCH_CONVERSATION_COLUMNS                                                                \
  "SELECT id, low, high, head, low_sent, high_sent, last_ts, last_pos, low_read, high_read, "      \
  "low_delivered, high_delivered FROM conversations "

[[noreturn]] void fail_missing(const char* what, row_id id) {
  throw database_error::damaged(std::string{"there is no "} + what + ' ' + std::to_string(id) +
                                ", which the log names");
}

} // namespace

registry::registry(database& source, live_state& live)
    : live_(live), user_by_name_(source, "SELECT id, head, delivered, plain FROM users "
                                         "WHERE project=? AND user=?"),
      user_by_id_(source, "SELECT id, head, delivered, plain, project, user FROM users WHERE id=?"),
      insert_user_(source, "INSERT INTO users(id, project, user) VALUES(?,?,?)"),
      conversation_by_name_(source, KLATCH_CONVERSATION_COLUMNS "WHERE low=? AND high=?"),
      conversation_by_id_(source, KLATCH_CONVERSATION_COLUMNS "WHERE id=?"),
      insert_conversation_(source, "INSERT INTO conversations(id, low, high) VALUES(?,?,?)"),
      last_user_(static_cast<row_id>(source.number("SELECT max(id) FROM users"))),
      last_conversation_(static_cast<row_id>(source.number("SELECT max(id) FROM conversations"))) {}

// -- users ----------------------------------------------------------------------------------------

user_record& registry::add_user(cursor& row, const project_id& project, const user_id& user) {
  auto added = std::make_unique<user_record>(user_record{row.number(0), {project, user}});
  added->head = added->next_head = row.number(1);
  added->delivered = row.number(2);
  added->legacy_delivered = row.number(3);
  const std::lock_guard guard{live_.mutex};
  return live_.users.add(std::move(added));
}

user_record* registry::find_user(const project_id& project, const user_id& user) {
  if (auto* known = live_.users.find(user_name{project, user})) {
    known->recently_used = true;
    return known;
  }
  auto row = user_by_name_.query(project.str(), user.str());
  return row.next() ? &add_user(row, project, user) : nullptr;
}

user_record& registry::user(const project_id& project, const user_id& user) {
  if (auto* known = find_user(project, user))
    return *known;
  auto added = std::make_unique<user_record>(user_record{last_user_ + 1, {project, user}});
  added->is_new = true;
  new_users_.push_back(added.get());
  ++last_user_;
  const std::lock_guard guard{live_.mutex};
  return live_.users.add(std::move(added));
}

user_record& registry::user(row_id id) {
  if (auto* known = live_.users.find(id)) {
    known->recently_used = true;
    return *known;
  }
  auto row = user_by_id_.query(id);
  if (!row.next())
    fail_missing("user", id);
  const auto project = project_id::parse(row.text(4));
  const auto user = user_id::parse(row.text(5));
  if (!project || !user)
    fail_missing("user", id);
  return add_user(row, *project, *user);
}

// -- conversations --------------------------------------------------------------------------------

conversation_record& registry::add_conversation(cursor& row) {
  auto added = std::make_unique<conversation_record>(
      conversation_record{row.number(0), row.number(1), row.number(2)});
  added->head = {row.number(3), {row.number(4), row.number(5)}, row.integer(6)};
  added->next_head = added->head;
  added->indexed_last = row.number(7);
  added->read = {row.number(8), row.number(9)};
  added->delivered = {row.number(10), row.number(11)};
  const std::lock_guard guard{live_.mutex};
  return live_.conversations.add(std::move(added));
}

conversation_record* registry::find_conversation(const user_record& one, const user_record& other) {
  const conversation_name name{std::min(one.id, other.id), std::max(one.id, other.id)};
  if (auto* known = live_.conversations.find(name)) {
    known->recently_used = true;
    return known;
  }
  if (one.is_new || other.is_new)
    return nullptr;
  auto row = conversation_by_name_.query(name.low, name.high);
  return row.next() ? &add_conversation(row) : nullptr;
}

conversation_record& registry::conversation(const user_record& one, const user_record& other) {
  if (auto* known = find_conversation(one, other))
    return *known;
  auto added = std::make_unique<conversation_record>(conversation_record{
      last_conversation_ + 1, std::min(one.id, other.id), std::max(one.id, other.id)});
  added->is_new = true;
  new_conversations_.push_back(added.get());
  ++last_conversation_;
  const std::lock_guard guard{live_.mutex};
  return live_.conversations.add(std::move(added));
}

conversation_record& registry::conversation(row_id id) {
  if (auto* known = live_.conversations.find(id)) {
    known->recently_used = true;
    return *known;
  }
  auto row = conversation_by_id_.query(id);
  if (!row.next())
    fail_missing("conversation", id);
  return add_conversation(row);
}

// -- what is new ----------------------------------------------------------------------------------

void registry::save_new() {
  for (const auto* each : new_users_)
    insert_user_.run(each->id, each->key.project.str(), each->key.user.str());
  for (const auto* each : new_conversations_)
    insert_conversation_.run(each->id, each->low, each->high);
}

void registry::publish_new() noexcept {
  for (auto* each : new_users_)
    each->is_new = false;
  for (auto* each : new_conversations_)
    each->is_new = false;
  new_users_.clear();
  new_conversations_.clear();
}

// Their ids are not given to others: a reader may have seen one.
void registry::forget_new() {
  const std::lock_guard guard{live_.mutex};
  for (auto* each : new_conversations_)
    live_.conversations.erase(*each);
  for (auto* each : new_users_)
    live_.users.erase(*each);
  new_users_.clear();
  new_conversations_.clear();
}

void registry::evict(std::size_t limit) {
  if (live_.users.size() <= limit && live_.conversations.size() <= limit)
    return;
  const std::lock_guard guard{live_.mutex};
  live_.users.evict(limit);
  live_.conversations.evict(limit);
}

} // namespace klatch::store
