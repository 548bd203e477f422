#include "store/postgres/postgres_names.hpp"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace klatch::store {

namespace {

// What is made is on disk with the message that it is made for: not synced by itself.
#define KLATCH_UNSYNCED "(SELECT set_config('synchronous_commit', 'off', true)) unsynced"

constexpr postgres_statement find_users{
    "find_users", "SELECT d.i, a.id FROM unnest($1, $2) WITH ORDINALITY d(project, name, i) "
                  "JOIN account a ON a.project=d.project AND a.name=d.name"};
constexpr postgres_statement make_users{
    "make_users",
    "WITH made AS (INSERT INTO account(project, name) SELECT d.project, d.name "
    "FROM " KLATCH_UNSYNCED ", unnest($1, $2) d(project, name) ORDER BY d.project, d.name "
    "ON CONFLICT DO NOTHING RETURNING id) "
    "INSERT INTO counter(id) SELECT id FROM made ORDER BY id"};
constexpr postgres_statement find_conversations{
    "find_conversations", "SELECT d.i, c.id FROM unnest($1, $2) WITH ORDINALITY d(low, high, i) "
                          "JOIN conversation c ON c.low=d.low AND c.high=d.high"};
constexpr postgres_statement make_conversations{
    "make_conversations",
    "WITH made AS (INSERT INTO conversation(low, high) SELECT d.low, d.high "
    "FROM " KLATCH_UNSYNCED ", unnest($1, $2) d(low, high) ORDER BY d.low, d.high "
    "ON CONFLICT DO NOTHING RETURNING id, low, high), "
    "members AS (INSERT INTO member(owner, talk) "
    "SELECT low, id FROM made UNION SELECT high, id FROM made) "
    "INSERT INTO counter(id) SELECT id FROM made ORDER BY id"};
constexpr postgres_statement find_writers{
    "find_writers", "SELECT d.i, c.low_sent > 0, c.last > c.low_sent "
                    "FROM unnest($1) WITH ORDINALITY d(id, i) JOIN counter c ON c.id=d.id"};

bool before(const user_ref& a, const user_ref& b) {
  return std::tie(*a.project, *a.user) < std::tie(*b.project, *b.user);
}
bool before(const known_conversation::name_view& a, const known_conversation::name_view& b) {
  return std::tie(a.low, a.high) < std::tie(b.low, b.high);
}

template<class Names>
void keep_one_each(Names& names) {
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return before(a, b); });
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

statement_params params_of(const std::vector<user_ref>& names) {
  array_builder projects{postgres_type::bytes};
  array_builder users{postgres_type::bytes};
  for (const auto& [project, user] : names) {
    projects.add(std::string_view{project->str()});
    users.add(std::string_view{user->str()});
  }
  statement_params result;
  result.array(projects).array(users);
  return result;
}

statement_params params_of(const std::vector<known_conversation::name_view>& names) {
  array_builder low{postgres_type::number};
  array_builder high{postgres_type::number};
  for (const auto& each : names) {
    low.add(each.low);
    high.add(each.high);
  }
  statement_params result;
  result.array(low).array(high);
  return result;
}

known_conversation::name_view name_of(const known_user& one, const known_user& other) {
  return {std::min(one.id, other.id), std::max(one.id, other.id)};
}

/// Runs `find`, and `make` and `find` again for those that are not there if they are to be made.
template<class Names, class Add>
void find_or_make(postgres_connection& server, Names& wanted, const postgres_statement& find,
                  const postgres_statement* make, Add add) {
  for (bool made = false;;) {
    const auto rows = server.run(find, params_of(wanted));
    std::vector<bool> there(wanted.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto which = rows.number(row, 0) - 1;
      there.at(which) = true;
      add(wanted[which], rows.number(row, 1));
    }
    Names missing;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (!there[i])
        missing.push_back(wanted[i]);
    if (missing.empty() || make == nullptr)
      return;
    if (made)
      throw unavailable{"PostgreSQL does not find what it has just been given"};
    server.run(*make, params_of(missing));
    made = true;
    std::swap(wanted, missing);
  }
}

} // namespace

void postgres_names::load_users(std::span<const user_key> users) {
  user_names wanted;
  for (const auto& each : users)
    if (find(each.project, each.user) == nullptr)
      wanted.push_back({&each.project, &each.user});
  load(std::move(wanted), missing::stay);
}

std::vector<found_conversation>
postgres_names::load(std::span<const conversation_ref> conversations, missing what) {
  std::vector<found_conversation> result(conversations.size());
  user_names users;
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    const auto& [project, in] = conversations[i];
    auto& found = result[i];
    if (found.low = find(*project, in->low()); found.low == nullptr)
      users.push_back({project, &in->low()});
    if (found.high = find(*project, in->high()); found.high == nullptr)
      users.push_back({project, &in->high()});
  }
  load(std::move(users), what);
  conversation_names wanted;
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    const auto& [project, in] = conversations[i];
    auto& found = result[i];
    if (found.low == nullptr)
      found.low = find(*project, in->low());
    if (found.high == nullptr)
      found.high = find(*project, in->high());
    if (found.low == nullptr || found.high == nullptr)
      continue;
    if (found.conversation = find(*found.low, *found.high); found.conversation == nullptr)
      wanted.push_back(name_of(*found.low, *found.high));
  }
  if (wanted.empty())
    return result;
  load(std::move(wanted), what);
  for (auto& each : result)
    if (each.conversation == nullptr && each.low != nullptr && each.high != nullptr)
      each.conversation = find(*each.low, *each.high);
  return result;
}

void postgres_names::load(user_names wanted, missing what) {
  if (wanted.empty())
    return;
  keep_one_each(wanted);
  find_or_make(server_, wanted, find_users, what == missing::make ? &make_users : nullptr,
               [this](const user_ref& name, row_id id) {
                 users_.add(std::make_unique<known_user>(
                     known_user{id, user_key{*name.project, *name.user}}));
               });
}

void postgres_names::load(conversation_names wanted, missing what) {
  if (wanted.empty())
    return;
  keep_one_each(wanted);
  find_or_make(server_, wanted, find_conversations,
               what == missing::make ? &make_conversations : nullptr,
               [this](const known_conversation::name_view& name, row_id id) {
                 conversations_.add(std::make_unique<known_conversation>(
                     known_conversation{id, name.low, name.high}));
               });
}

void postgres_names::load_writers(std::span<known_conversation* const> conversations) {
  if (conversations.empty())
    return;
  array_builder ids{postgres_type::number};
  for (const auto* each : conversations)
    ids.add(each->id);
  const auto rows = server_.run(find_writers, statement_params{}.array(ids));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto& each = *conversations[rows.number(row, 0) - 1];
    each.low_wrote = rows.flag(row, 1);
    each.high_wrote = rows.flag(row, 2);
  }
}

known_user* postgres_names::find(const project_id& project, const user_id& user) {
  auto* found = users_.find(known_user::name_view{project, user});
  if (found != nullptr)
    found->recently_used = true;
  return found;
}

known_conversation* postgres_names::find(const known_user& one, const known_user& other) {
  auto* found = conversations_.find(name_of(one, other));
  if (found != nullptr)
    found->recently_used = true;
  return found;
}

known_conversation* postgres_names::find(const conversation_ref& which) {
  const auto* low = find(*which.project, which.in->low());
  const auto* high = find(*which.project, which.in->high());
  return low == nullptr || high == nullptr ? nullptr : find(*low, *high);
}

void postgres_names::evict(std::size_t limit) {
  users_.evict(limit);
  conversations_.evict(limit);
}

void postgres_names::clear() {
  users_ = {};
  conversations_ = {};
}

} // namespace klatch::store
