#include "store/postgres/postgres_reader.hpp"

#include "store/page_budget.hpp"
#include "store/postgres/postgres_rows.hpp"

#include <algorithm>

namespace klatch::store {

namespace {

/// By project and name. The first entry that is left is the first of either index; where it is 1 in
/// the one, the other is not looked at.
constexpr postgres_statement select_inboxes{
    "read_inboxes",
    "SELECT u.place, coalesce(c.last, 0), CASE WHEN f.seq=1 THEN 1 ELSE least(f.seq, "
    "(SELECT to_seq FROM message WHERE recipient=a.id ORDER BY to_seq LIMIT 1)) END, "
    "coalesce(k.delivered, 0), coalesce(k.plain, 0) "
    "FROM unnest($1, $2) WITH ORDINALITY u(project, name, place) "
    "JOIN account a ON a.project=u.project AND a.name=u.name "
    "LEFT JOIN counter c ON c.id=a.id LEFT JOIN inbox_mark k ON k.owner=a.id "
    "LEFT JOIN LATERAL (SELECT from_seq AS seq FROM message WHERE sender=a.id "
    "ORDER BY from_seq LIMIT 1) f ON true"};

constexpr postgres_statement select_project{
    "read_project", "SELECT EXISTS (SELECT 1 FROM account WHERE project=$1)"};

constexpr postgres_statement select_epoch{"read_epoch", "SELECT value FROM meta WHERE key='epoch'"};

#define KLATCH_OWNER "owner AS MATERIALIZED (SELECT id FROM account WHERE project=$1 AND name=$2)"

/// What was sent and what has come, merged by seq. What a user has written to oneself is in both,
/// and left out of one after that has been cut: it then ends no earlier than the page.
constexpr postgres_statement select_entries{
    "read_entries",
    "WITH " KLATCH_OWNER " SELECT e.seq, e.own, p.name, " KLATCH_MESSAGE_COLUMNS(
        "e") " FROM (SELECT *, " KLATCH_BYTES_BEFORE("m", "$4",
                                                     "m.seq") " AS before FROM ("
                                                              "(SELECT from_seq AS seq, true AS "
                                                              "own, recipient AS peer, s.* FROM "
                                                              "message s "
                                                              "WHERE sender=(SELECT id FROM owner) "
                                                              "AND from_seq>$3 ORDER BY from_seq "
                                                              "LIMIT $5) "
                                                              "UNION ALL SELECT * FROM "
                                                              "(SELECT to_seq AS seq, false AS "
                                                              "own, sender AS peer, r.* FROM "
                                                              "message r "
                                                              "WHERE recipient=(SELECT id FROM "
                                                              "owner) AND to_seq>$3 ORDER BY "
                                                              "to_seq LIMIT $5) come "
                                                              "WHERE come.sender<>come.recipient "
                                                              "ORDER BY seq LIMIT $5) m) e "
                                                              "JOIN account p ON p.id=e.peer WHERE "
                                                              "e.before<=$4 ORDER BY e.seq"};

/// Of the two users that are given, the first one is `one`.
#define KLATCH_TALK                                                                                \
  "talk AS MATERIALIZED (SELECT v.id, x.id AS one FROM account x, account y, conversation v "      \
  "WHERE x.project=$1 AND x.name=$2 AND y.project=$1 AND y.name=$3 AND "                           \
  "v.low=least(x.id, y.id) AND v.high=greatest(x.id, y.id))"

#define KLATCH_PART_OF_TALK(order)                                                                 \
  "WITH " KLATCH_TALK " SELECT e.sender=(SELECT one FROM talk), " KLATCH_MESSAGE_COLUMNS(          \
      "e") " FROM (SELECT *, " KLATCH_BYTES_BEFORE("m", "$6",                                      \
                                                   "m." order) " AS before FROM ("                 \
                                                               "SELECT * FROM message WHERE "      \
                                                               "talk=(SELECT id FROM talk) AND "   \
                                                               "n>$4 AND n<$5 "                    \
                                                               "ORDER BY " order                   \
                                                               " LIMIT $7) m) e WHERE "            \
                                                               "e.before<=$6 ORDER BY e." order

constexpr postgres_statement select_after{"read_after", KLATCH_PART_OF_TALK("n")};
constexpr postgres_statement select_before{"read_before", KLATCH_PART_OF_TALK("n DESC")};

/// In a statement.
constexpr std::size_t most_inboxes = 10'000;

} // namespace

postgres_reader::postgres_reader(const postgres_options& options)
    : server_(options, reading_session), conversations_(server_),
      heads_(server_, options.cache_limit) {}

// -- inboxes --------------------------------------------------------------------------------------

inbox_state postgres_reader::inbox(const user_key& user) {
  inbox_state result;
  add_inboxes({&user, 1}, {&result, 1});
  return result;
}

std::vector<inbox_state> postgres_reader::inboxes(std::span<const user_key> users) {
  std::vector<inbox_state> result(users.size());
  for (std::size_t first = 0; first < users.size(); first += most_inboxes) {
    const auto count = std::min(most_inboxes, users.size() - first);
    add_inboxes(users.subspan(first, count), std::span{result}.subspan(first, count));
  }
  return result;
}

void postgres_reader::add_inboxes(std::span<const user_key> users, std::span<inbox_state> to) {
  array_builder projects{postgres_type::bytes};
  array_builder names{postgres_type::bytes};
  for (const auto& each : users) {
    projects.add(each.project.str());
    names.add(each.user.str());
  }
  const auto rows = server_.run(select_inboxes, statement_params{}.array(projects).array(names));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto& state = to[rows.number(row, 0) - 1];
    state.head = rows.number(row, 1);
    state.floor = rows.is_null(row, 2) ? state.head + 1 : rows.number(row, 2);
    state.delivered = rows.number(row, 3);
    state.legacy_delivered = rows.number(row, 4);
  }
}

std::vector<std::uint64_t> postgres_reader::heads(std::span<const user_key> users) {
  std::vector<std::uint64_t> result;
  result.reserve(users.size());
  for (std::size_t first = 0; first < users.size(); first += most_inboxes) {
    const auto found =
        heads_.read(users.subspan(first, std::min(most_inboxes, users.size() - first)));
    result.insert(result.end(), found.begin(), found.end());
  }
  return result;
}

bool postgres_reader::knows_project(const project_id& project) {
  return server_.run(select_project, statement_params{}.bytes(project.str())).flag(0, 0);
}

bool postgres_reader::continues(const user_key& /*user*/, std::string_view epoch,
                                std::uint64_t /*since*/) {
  const auto rows = server_.run(select_epoch);
  return !rows.empty() && rows.bytes(0, 0) == epoch;
}

inbox_page postgres_reader::read_inbox(const user_key& user, std::uint64_t after, bound limit) {
  const auto reach = within_reach(limit);
  const auto rows = server_.run(select_entries, statement_params{}
                                                    .bytes(user.project.str())
                                                    .bytes(user.user.str())
                                                    .number(signed_number(after))
                                                    .number(std::uint64_t{reach.bytes})
                                                    .number(rows_wanted(reach)));
  inbox_page page;
  page_budget budget{reach};
  constexpr std::size_t first_column = 3;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (page.more = !budget.take(rows.bytes(row, first_column + text_column).size()); page.more)
      break;
    const auto peer = user_in(rows, row, 2);
    page.entries.push_back(
        {rows.number(row, 0),
         message_in(rows, row, first_column, user.project, rows.flag(row, 1) ? user.user : peer,
                    conversation_id::dialogue(user.user, peer))});
  }
  return page;
}

// -- conversations --------------------------------------------------------------------------------

conversation_page postgres_reader::read_conversation(const project_id& project,
                                                     const conversation_id& which, range wanted,
                                                     bound limit) {
  const auto reach = within_reach(limit);
  const auto& statement = wanted.after ? select_after : select_before;
  const auto rows = server_.run(
      statement, statement_params{}
                     .bytes(project.str())
                     .bytes(which.low().str())
                     .bytes(which.high().str())
                     .number(signed_number(wanted.after.value_or(0)))
                     .number(signed_number(wanted.before.value_or(std::uint64_t{INT64_MAX})))
                     .number(std::uint64_t{reach.bytes})
                     .number(rows_wanted(reach)));
  conversation_page page;
  page_budget budget{reach};
  constexpr std::size_t first_column = 1;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (page.more = !budget.take(rows.bytes(row, first_column + text_column).size()); page.more)
      break;
    page.messages.push_back(message_in(rows, row, first_column, project,
                                       rows.flag(row, 0) ? which.low() : which.high(), which));
  }
  if (!wanted.after)
    std::reverse(page.messages.begin(), page.messages.end());
  return page;
}

conversations_page postgres_reader::read_conversations(const user_key& user,
                                                       std::optional<std::uint64_t> before,
                                                       bound limit) {
  return conversations_.read(user, before, limit);
}

} // namespace klatch::store
