#include "store/postgres/postgres_conversations.hpp"

#include "store/page_budget.hpp"
#include "store/postgres/postgres_rows.hpp"

#include <utility>

namespace klatch::store {

namespace {

#define KLATCH_OWNER_ID "(SELECT id FROM owner)"

/// Which conversations, with the number of the last message of each: those of all, or those that
/// the newest entries of the inbox name. Whoever has few has them looked at one by one.
#define KLATCH_LAST_MESSAGES                                                                       \
  "WITH owner AS MATERIALIZED (SELECT id FROM account WHERE project=$1 AND name=$2), "             \
  "choice AS MATERIALIZED (SELECT $6 OR count(*)<=200 AS every_one FROM "                          \
  "(SELECT talk FROM member WHERE owner=" KLATCH_OWNER_ID " LIMIT 201) few), "                     \
  "newest AS MATERIALIZED (SELECT talk, max(n) AS n, max(mid) AS mid FROM (SELECT * FROM ("        \
  "(SELECT from_seq AS seq, talk, n, mid FROM message WHERE sender=" KLATCH_OWNER_ID               \
  " ORDER BY from_seq DESC LIMIT 1000) UNION ALL "                                                 \
  "(SELECT to_seq, talk, n, mid FROM message WHERE recipient=" KLATCH_OWNER_ID                     \
  " ORDER BY to_seq DESC LIMIT 1000)) entries ORDER BY seq DESC LIMIT 1000) walk "                 \
  "WHERE NOT (SELECT every_one FROM choice) GROUP BY talk), "                                      \
  "page AS (SELECT * FROM (SELECT * FROM newest UNION ALL "                                        \
  "SELECT m.talk, l.n, l.mid FROM member m CROSS JOIN LATERAL "                                    \
  "(SELECT n, mid FROM message WHERE talk=m.talk ORDER BY n DESC LIMIT 1) l "                      \
  "WHERE m.owner=" KLATCH_OWNER_ID " AND (SELECT every_one FROM choice)) last "                    \
  "WHERE mid<$3 ORDER BY mid DESC LIMIT $5) "

/// The last messages with who the other one is, and how many that one has written by then.
#define KLATCH_WHOLE_MESSAGES                                                                      \
  "(SELECT m.*, v.peer, CASE WHEN m.sender=v.peer THEN m.sent ELSE m.n-m.sent END AS "             \
  "written, " KLATCH_BYTES_BEFORE(                                                                 \
      "m", "$4", "m.mid DESC") " AS before "                                                       \
                               "FROM page JOIN message m ON m.talk=page.talk AND m.n=page.n "      \
                               "CROSS JOIN LATERAL "                                               \
                               "(SELECT CASE WHEN low=" KLATCH_OWNER_ID                            \
                               " THEN high ELSE low END AS peer FROM conversation "                \
                               "WHERE id=page.talk) v) l "

/// What the other one has written is unread but for what came before the first message that is left
/// at the user's mark or beyond; that one too if it is what the mark is at.
constexpr postgres_statement select_conversations{
    "read_conversations", KLATCH_LAST_MESSAGES
    "SELECT p.name, l.sender=l.peer, CASE WHEN coalesce(own.read, 0)>=l.n THEN 0 ELSE l.written - "
    "(SELECT CASE WHEN f.sender<>l.peer THEN f.n-f.sent WHEN f.n=own.read THEN f.sent ELSE "
    "f.sent-1 END FROM message f WHERE f.talk=l.talk AND f.n>=coalesce(own.read, 0) ORDER BY f.n "
    "LIMIT 1) END, coalesce(own.read, 0), coalesce(peer.read, 0), coalesce(peer.delivered, 0), "
    "r.shown, r.color, NOT (SELECT every_one FROM choice), " KLATCH_MESSAGE_COLUMNS(
        "l") " FROM " KLATCH_WHOLE_MESSAGES "JOIN account p ON p.id=l.peer "
             "LEFT JOIN talk_mark own ON own.talk=l.talk AND own.owner=" KLATCH_OWNER_ID " "
             "LEFT JOIN talk_mark peer ON peer.talk=l.talk AND peer.owner=l.peer "
             "LEFT JOIN profile r ON r.project=$1 AND r.name=p.name "
             "WHERE l.before<=$4 ORDER BY l.mid DESC"};

} // namespace

conversations_page postgres_conversations::read(const user_key& user,
                                                std::optional<std::uint64_t> before, bound limit) {
  const auto reach = within_reach(limit);
  if (before)
    return look(user, *before, reach, way::every_one).page;
  auto [page, walked] = look(user, INT64_MAX, reach, way::newest_entries);
  if (!walked || page.more)
    return std::move(page);
  return look(user, INT64_MAX, reach, way::every_one).page;
}

postgres_conversations::found
postgres_conversations::look(const user_key& user, std::uint64_t before, bound limit, way by) {
  const auto rows = server_.run(select_conversations, statement_params{}
                                                          .bytes(user.project.str())
                                                          .bytes(user.user.str())
                                                          .number(signed_number(before))
                                                          .number(std::uint64_t{limit.bytes})
                                                          .number(rows_wanted(limit))
                                                          .flag(by == way::every_one));
  found result;
  page_budget budget{limit};
  constexpr std::size_t first_column = 9;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    result.walked = rows.flag(row, 8);
    if (!budget.take(rows.bytes(row, first_column + text_column).size())) {
      result.page.more = true;
      break;
    }
    auto with = user_in(rows, row, 0);
    auto peer = rows.is_null(row, 6)
                    ? profile::of_nobody(with)
                    : profile{std::string{rows.bytes(row, 6)}, std::string{rows.bytes(row, 7)}};
    auto last =
        message_in(rows, row, first_column, user.project, rows.flag(row, 1) ? with : user.user,
                   conversation_id::dialogue(user.user, with));
    result.page.conversations.push_back({std::move(with), std::move(last), rows.number(row, 2),
                                         rows.number(row, 3), rows.number(row, 4),
                                         rows.number(row, 5), std::move(peer)});
  }
  return result;
}

} // namespace klatch::store
