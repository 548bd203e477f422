#include "store/postgres/postgres_check.hpp"

#include "messages/ids.hpp"
#include "messages/text/utf8.hpp"
#include "store/cannot_open.hpp"
#include "store/postgres/postgres_schema.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace klatch::store {

namespace {

constexpr std::size_t most_listed = 100;

constexpr postgres_statement begin_to_look{
    "check_begin", "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr postgres_statement end_look{"check_end", "ROLLBACK"};

constexpr postgres_statement find_store{
    "check_store", "SELECT to_regclass('meta') IS NOT NULL AND to_regclass('message') IS NOT NULL"};
constexpr postgres_statement version_to_check{"check_version",
                                              "SELECT value::int8 FROM meta WHERE key='schema'"};

/// The indexes that no number or key can be there twice without.
constexpr postgres_statement unique_indexes{
    "check_indexes",
    "SELECT 'The index ' || w.name || ' is missing, or does not keep its columns unique.' "
    "FROM (VALUES ('account_project_name_key'), ('conversation_low_high_key'), ('message_pkey'), "
    "('message_from'), ('message_to'), ('message_cid'), ('message_mid')) w(name) "
    "LEFT JOIN pg_index i ON i.indexrelid=to_regclass(w.name) "
    "WHERE NOT coalesce(i.indisunique AND i.indisvalid, false)"};

/// A sentence for each breach. `LIMIT` is added.
#define KLATCH_ENTRIES                                                                             \
  "(SELECT sender AS owner, from_seq AS seq, mid FROM message UNION ALL "                          \
  "SELECT recipient, to_seq, mid FROM message WHERE recipient<>sender) "

#define KLATCH_RULE(name, sql)                                                                     \
  postgres_statement { "check_" name, sql " LIMIT 100" }

constexpr std::array postgres_rules{
    // What belongs together.
    KLATCH_RULE("meta", "SELECT 'The store has no ' || w.key || '.' FROM (VALUES ('schema'), "
                        "('epoch'), ('control')) w(key) LEFT JOIN meta m ON m.key=w.key "
                        "WHERE coalesce(m.value, '')=''"),
    KLATCH_RULE("conversations",
                "SELECT 'Conversation ' || v.id || ' is not one of two users of a project.' "
                "FROM conversation v LEFT JOIN account x ON x.id=v.low "
                "LEFT JOIN account y ON y.id=v.high "
                "WHERE x.id IS NULL OR y.id IS NULL OR v.low>v.high OR x.project<>y.project"),
    KLATCH_RULE("users", "SELECT 'Message ' || m.mid || ' is not one of the two users of "
                         "conversation ' || m.talk || '.' FROM message m "
                         "LEFT JOIN conversation v ON v.id=m.talk WHERE v.id IS NULL OR "
                         "m.recipient IS NULL OR v.low<>least(m.sender, m.recipient) OR "
                         "v.high<>greatest(m.sender, m.recipient)"),
    KLATCH_RULE("members",
                "SELECT 'Conversation ' || v.id || ' is missing among those of user ' || w.owner "
                "|| '.' FROM conversation v CROSS JOIN LATERAL (VALUES (v.low), (v.high)) w(owner) "
                "LEFT JOIN member m ON m.owner=w.owner AND m.talk=v.id WHERE m.owner IS NULL AND "
                "EXISTS (SELECT 1 FROM message WHERE talk=v.id)"),
    KLATCH_RULE("strangers",
                "SELECT 'User ' || m.owner || ' is said to be in conversation ' || m.talk || "
                "', and is not.' FROM member m LEFT JOIN conversation v ON v.id=m.talk "
                "WHERE v.id IS NULL OR m.owner NOT IN (v.low, v.high)"),
    // No gap: numbers rise by one from message to message.
    KLATCH_RULE("inbox_gaps",
                "SELECT 'After entry ' || before || ' of the inbox of user ' || owner || "
                "' comes entry ' || seq || '.' FROM (SELECT owner, seq, lag(seq) OVER "
                "(PARTITION BY owner ORDER BY seq) AS before FROM " KLATCH_ENTRIES
                "e) x WHERE seq<>before+1"),
    KLATCH_RULE("memos",
                "SELECT 'Message ' || mid || ', of user ' || sender || ' to oneself, is "
                "entry ' || from_seq || ' and entry ' || to_seq || ' of one inbox.' "
                "FROM message WHERE sender=recipient AND to_seq IS DISTINCT FROM from_seq"),
    KLATCH_RULE("conversation_gaps",
                "SELECT 'After message ' || before || ' of conversation ' || talk || "
                "' comes message ' || n || '.' FROM (SELECT talk, n, lag(n) OVER "
                "(PARTITION BY talk ORDER BY n) AS before FROM message) x WHERE n<>before+1"),
    KLATCH_RULE("sent", "SELECT 'Message ' || mid || ' counts ' || sent || ' messages of its "
                        "sender in conversation ' || talk || ' after ' || before || '.' FROM "
                        "(SELECT mid, sent, talk, lag(sent) OVER (PARTITION BY talk, sender "
                        "ORDER BY n) AS before FROM message) x WHERE sent<>before+1"),
    // What rises with the numbers.
    KLATCH_RULE("inbox_mids",
                "SELECT 'Message ' || mid || ' is in the inbox of user ' || owner || "
                "' behind message ' || before || '.' FROM (SELECT owner, mid, lag(mid) OVER "
                "(PARTITION BY owner ORDER BY seq) AS before FROM " KLATCH_ENTRIES
                "e) x WHERE mid<=before"),
    KLATCH_RULE("conversation_mids",
                "SELECT 'Message ' || mid || ' is in conversation ' || talk || "
                "' behind message ' || before || '.' FROM (SELECT talk, mid, lag(mid) OVER "
                "(PARTITION BY talk ORDER BY n) AS before FROM message) x WHERE mid<=before"),
    KLATCH_RULE("times", "SELECT 'Message ' || mid || ' of conversation ' || talk || ' is older "
                         "than the one before it.' FROM (SELECT talk, mid, ts, lag(ts) OVER "
                         "(PARTITION BY talk ORDER BY n) AS before FROM message) x "
                         "WHERE ts<before"),
    // Once.
    KLATCH_RULE("mids", "SELECT 'There are ' || count(*) || ' messages ' || mid || '.' "
                        "FROM message GROUP BY mid HAVING count(*)>1"),
    KLATCH_RULE("keys", "SELECT 'User ' || sender || ' has used a key twice, the second time for "
                        "message ' || max(mid) || '.' FROM message GROUP BY sender, cid "
                        "HAVING count(*)>1"),
    // The counters are where the last messages are.
    KLATCH_RULE("inbox_ends",
                "SELECT 'The inbox of user ' || e.owner || ' ends at ' || "
                "coalesce(c.last::text, 'nothing') || ', but its last entry is ' || e.seq || '.' "
                "FROM (SELECT owner, max(seq) AS seq FROM " KLATCH_ENTRIES
                "a GROUP BY owner) e LEFT JOIN counter c ON c.id=e.owner "
                "WHERE c.last IS DISTINCT FROM e.seq"),
    KLATCH_RULE("conversation_ends",
                "SELECT 'Conversation ' || m.talk || ' ends at message ' || "
                "coalesce(c.last::text, 'nothing') || ' and counts ' || "
                "coalesce(c.low_sent::text, 'none') || ' of user ' || v.low || "
                "', which does not agree with its last message ' || m.mid || '.' "
                "FROM (SELECT talk, max(n) AS n FROM message GROUP BY talk) e "
                "JOIN message m ON m.talk=e.talk AND m.n=e.n JOIN conversation v ON v.id=e.talk "
                "LEFT JOIN counter c ON c.id=e.talk WHERE c.last IS DISTINCT FROM m.n OR "
                "c.ts<>m.ts OR "
                "c.low_sent<>CASE WHEN m.sender=v.low THEN m.sent ELSE m.n-m.sent END"),
    KLATCH_RULE("counters",
                "SELECT 'Counter ' || c.id || ' is neither of a user nor of a conversation, or "
                "counts wrong.' FROM counter c LEFT JOIN account a ON a.id=c.id "
                "LEFT JOIN conversation v ON v.id=c.id WHERE (a.id IS NULL)=(v.id IS NULL) OR "
                "c.last<0 OR c.low_sent<0 OR c.low_sent>c.last"),
    // Marks are not beyond the ends.
    KLATCH_RULE("inbox_marks",
                "SELECT 'User ' || k.owner || ' has taken the inbox up to ' || "
                "greatest(k.delivered, k.plain) || ', and it ends at ' || coalesce(c.last, 0) || "
                "'.' FROM inbox_mark k LEFT JOIN counter c ON c.id=k.owner "
                "WHERE greatest(k.delivered, k.plain)>coalesce(c.last, 0)"),
    KLATCH_RULE("conversation_marks",
                "SELECT 'User ' || k.owner || ' has read conversation ' || k.talk || ' up to ' || "
                "greatest(k.read, k.delivered) || ', and it ends at ' || coalesce(c.last, 0) || "
                "'.' FROM talk_mark k LEFT JOIN counter c ON c.id=k.talk "
                "WHERE greatest(k.read, k.delivered)>coalesce(c.last, 0)"),
    // What is given next is new.
    KLATCH_RULE("next_mids", "SELECT 'Message ' || m.mid || ' is beyond block ' || b.last_value || "
                             "', the last that messages are numbered from.' FROM "
                             "(SELECT max(mid) AS mid FROM message) m, blocks b "
                             "WHERE m.mid>=(b.last_value + b.is_called::int)*1024"),
    KLATCH_RULE("next_ids",
                "SELECT 'Id ' || w.id || ' is beyond ' || s.last_value || ', the last that was "
                "given.' FROM (SELECT greatest((SELECT max(id) FROM account), "
                "(SELECT max(id) FROM conversation)) AS id) w, ids s "
                "WHERE w.id>=s.last_value + s.is_called::int"),
};

/// Users from behind `$1` on, and what of them can be an id.
constexpr postgres_statement next_users{
    "check_next_users",
    "SELECT id, project, name FROM account WHERE id>$1 ORDER BY id LIMIT 10000"};

bool can_be_id(std::string_view text) { return is_valid_utf8(text) && valid_id(text); }

class findings {
public:
  explicit findings(std::size_t most) : most_(most) {}

  bool full() const noexcept { return all_.size() >= most_; }
  void add(std::string text) {
    if (!full() && std::find(all_.begin(), all_.end(), text) == all_.end())
      all_.push_back(std::move(text));
  }
  void add_all(postgres_connection& server, const postgres_statement& rule) {
    if (full())
      return;
    const auto rows = server.run(rule);
    for (std::size_t row = 0; row < rows.size(); ++row)
      add(std::string{rows.bytes(row, 0)});
  }
  std::vector<std::string> take() { return std::move(all_); }

private:
  std::size_t most_;
  std::vector<std::string> all_;
};

void judge_ids(postgres_connection& server, findings& found) {
  for (std::int64_t last = 0; !found.full();) {
    const auto rows = server.run(next_users, statement_params{}.number(last));
    if (rows.empty())
      return;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      last = rows.integer(row, 0);
      if (!can_be_id(rows.bytes(row, 1)) || !can_be_id(rows.bytes(row, 2)))
        found.add("User " + std::to_string(last) + " has no id that can be one.");
    }
  }
}

} // namespace

namespace {

void require_store(postgres_connection& server) {
  if (!server.run(find_store).flag(0, 0))
    throw cannot_open{"there is no store in " + server.server()};
  const auto version = server.run(version_to_check);
  if (!version.empty() && version.integer(0, 0) > postgres_schema_version)
    throw cannot_open{"the tables in " + server.server() +
                      " were made by a newer Klatch (version " +
                      std::to_string(version.integer(0, 0)) + ", this Klatch knows " +
                      std::to_string(postgres_schema_version) + ")"};
}

} // namespace

std::vector<std::string> find_faults(postgres_connection& server, std::size_t most) {
  findings found{most};
  found.add_all(server, unique_indexes);
  for (const auto& each : postgres_rules)
    found.add_all(server, each);
  judge_ids(server, found);
  return found.take();
}

std::string server_of(const postgres_options& options) {
  return postgres_connection{options}.server();
}

std::vector<std::string> check_postgres(const postgres_options& options) {
  // A rule takes as long as it takes: a server that is gone is found out by keep-alives.
  auto patient = options;
  patient.call_timeout = std::chrono::hours{24};
  postgres_connection server{patient, "SET statement_timeout=0; SET jit=off; SET work_mem='32MB'; "
                                      "SET idle_in_transaction_session_timeout=0"};
  server.run(begin_to_look);
  require_store(server);
  auto found = find_faults(server, most_listed);
  server.run(end_look);
  return found;
}

} // namespace klatch::store
