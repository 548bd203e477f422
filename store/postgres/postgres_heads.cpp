#include "store/postgres/postgres_heads.hpp"

#include <algorithm>
#include <utility>

namespace klatch::store {

namespace {

/// Half of what a join with the ids takes. Two arrays come with less work on both sides than a row
/// for each.
constexpr postgres_statement select_heads{
    "read_heads", "SELECT array_agg(id), array_agg(last) FROM counter WHERE id=ANY($1)"};
constexpr postgres_statement select_named_heads{
    "read_named_heads",
    "SELECT array_agg(d.place), array_agg(c.id), array_agg(c.last) "
    "FROM unnest($1, $2) WITH ORDINALITY d(project, name, place) "
    "JOIN account a ON a.project=d.project AND a.name=d.name JOIN counter c ON c.id=a.id"};

} // namespace

// -- what is remembered ---------------------------------------------------------------------------

row_id remembered_users::find(const user_key& user) {
  if (const auto found = lately_.find(user); found != lately_.end())
    return found->second;
  auto found = before_.extract(user);
  if (found.empty())
    return 0;
  const auto id = found.mapped();
  make_room();
  lately_.insert(std::move(found));
  return id;
}

void remembered_users::add(const user_key& user, row_id id) {
  make_room();
  lately_.insert_or_assign(user, id);
}

void remembered_users::make_room() {
  if (lately_.size() >= limit_)
    before_ = std::exchange(lately_, {});
}

void remembered_users::clear() {
  lately_ = {};
  before_ = {};
}

// -- heads ----------------------------------------------------------------------------------------

std::vector<std::uint64_t> postgres_heads::read(std::span<const user_key> users) {
  std::vector<std::uint64_t> result(users.size());
  if (users.empty())
    return result;
  server_.connect();
  const auto session = server_.sessions();
  if (session != session_)
    users_.clear(); // This may be another server, which has lost rows and given their ids again.
  session_ = session;
  std::vector<place> known;
  std::vector<std::size_t> unknown;
  for (std::size_t at = 0; at < users.size(); ++at) {
    if (const auto id = users_.find(users[at]); id != 0)
      known.push_back({id, at});
    else
      unknown.push_back(at);
  }
  read_by_id(known, result);
  read_by_name(users, unknown, result);
  return server_.sessions() == session ? result : read(users); // It has connected again meanwhile.
}

void postgres_heads::read_by_id(std::vector<place>& wanted, std::span<std::uint64_t> to) {
  if (wanted.empty())
    return;
  std::sort(wanted.begin(), wanted.end(),
            [](const place& a, const place& b) { return a.id < b.id; });
  array_builder ids{postgres_type::number};
  for (const auto& each : wanted)
    ids.add(each.id);
  const auto rows = server_.run(select_heads, statement_params{}.array(ids));
  const auto found = rows.numbers(0, 0);
  const auto heads = rows.numbers(0, 1);
  std::size_t answered = 0;
  auto next = wanted.begin();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (next == wanted.end() || next->id != found[i]) // Not in the order of the index.
      next = std::lower_bound(wanted.begin(), wanted.end(), found[i],
                              [](const place& one, row_id id) { return one.id < id; });
    for (; next != wanted.end() && next->id == found[i]; ++next, ++answered)
      to[next->at] = heads.at(i);
  }
  if (answered < wanted.size())
    users_.clear(); // Not all rows are there any more: the next time they are looked for by name.
}

void postgres_heads::read_by_name(std::span<const user_key> users,
                                  const std::vector<std::size_t>& wanted,
                                  std::span<std::uint64_t> to) {
  if (wanted.empty())
    return;
  array_builder projects{postgres_type::bytes};
  array_builder names{postgres_type::bytes};
  for (const auto at : wanted) {
    projects.add(std::string_view{users[at].project.str()});
    names.add(std::string_view{users[at].user.str()});
  }
  const auto rows =
      server_.run(select_named_heads, statement_params{}.array(projects).array(names));
  const auto places = rows.numbers(0, 0);
  const auto ids = rows.numbers(0, 1);
  const auto heads = rows.numbers(0, 2);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto at = wanted.at(places[i] - 1);
    users_.add(users[at], ids.at(i));
    to[at] = heads.at(i);
  }
}

} // namespace klatch::store
