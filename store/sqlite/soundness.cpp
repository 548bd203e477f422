#include "store/sqlite/soundness.hpp"

#include "messages/text/utf8.hpp"
#include "store/sqlite/schema.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace klatch::store {

namespace {

#define KLATCH_WATERMARK "(SELECT value FROM meta WHERE key='watermark')"
/// Each by itself, which is one look-up: if they are asked for together SQLite reads all rows.
#define KLATCH_FIRST "(SELECT min(pos) FROM log)"
#define KLATCH_LAST "(SELECT max(pos) FROM log)"

/// Sentences about what is remembered besides the messages.
constexpr std::array meta_rules{
    "SELECT 'The store has no epoch.' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key='epoch' AND "
    "typeof(value)='text' AND length(value)>0)",
    "SELECT 'The store has no watermark.' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE "
    "key='watermark' AND typeof(value)='integer' AND value>=0)",
    "SELECT 'The store does not say up to where it is being indexed.' WHERE NOT EXISTS (SELECT 1 "
    "FROM meta WHERE key='flushing' AND typeof(value)='integer' AND value>=0)",
};

/// The rules of what has those. An entry of an index beyond the watermark is of a round of indexing
/// that is under way, which writes the heads last.
constexpr std::array start_rules{
    "SELECT 'The log begins at message ' || " KLATCH_FIRST " || ', beyond the watermark ' "
    "|| " KLATCH_WATERMARK " || ' that it has to reach.' "
    "WHERE " KLATCH_FIRST " > " KLATCH_WATERMARK " + 1",
    "SELECT 'The watermark is ' || " KLATCH_WATERMARK " || ', beyond the last message ' "
    "|| " KLATCH_LAST " || '.' WHERE " KLATCH_LAST " < " KLATCH_WATERMARK,
    "SELECT 'Indexing is to go up to message ' || value || ', beyond the last message ' "
    "|| " KLATCH_LAST " || '.' FROM meta WHERE key='flushing' AND value > max(" KLATCH_WATERMARK
    ", ifnull(" KLATCH_LAST ", 0))",
    // One look-up finds who is in question: seldom anybody.
    "SELECT 'The inbox of user ' || u.id || ' ends at ' || u.head || iif(u.head>i.seq, ', beyond "
    "its last entry ', ', but its last entry is ') || i.seq || '.' FROM users u JOIN inbox i ON "
    "i.user=u.id AND i.seq=(SELECT max(seq) FROM inbox WHERE user=u.id) WHERE u.id IN (SELECT id "
    "FROM users s WHERE s.head<>(SELECT max(seq) FROM inbox WHERE user=s.id)) AND (u.head>i.seq OR "
    "i.pos<=" KLATCH_WATERMARK ")",
    "SELECT 'Conversation ' || c.id || ' ends at message ' || c.head || ', but its last one is ' "
    "|| t.n || '.' FROM conversations c JOIN thread t ON t.conversation=c.id AND t.n=(SELECT "
    "max(n) "
    "FROM thread WHERE conversation=c.id) WHERE c.id IN (SELECT id FROM conversations s WHERE "
    "s.head<>(SELECT max(n) FROM thread WHERE conversation=s.id)) AND (c.head>t.n OR "
    "t.pos<=" KLATCH_WATERMARK ")",
    // What is in no index goes on where the heads are, or before that.
    "SELECT 'The inbox of user ' || u.id || ' ends at ' || u.head || ', and message ' || e.pos || "
    "' is its entry ' || e.first || '.' FROM (SELECT user, min(seq) AS first, max(seq) AS last, "
    "min(pos) AS pos FROM (SELECT sender AS user, from_seq AS seq, pos FROM log WHERE "
    "pos>" KLATCH_WATERMARK " UNION ALL SELECT recipient, to_seq, pos FROM log WHERE "
    "pos>" KLATCH_WATERMARK ") GROUP BY user) e JOIN users u ON u.id=e.user WHERE "
    "u.head+1<e.first OR u.head>e.last",
    "SELECT 'Conversation ' || c.id || ' ends at message ' || c.head || ', and message ' || e.pos "
    "|| ' is number ' || e.first || '.' FROM (SELECT conversation, min(n) AS first, max(n) AS "
    "last, "
    "min(pos) AS pos FROM log WHERE pos>" KLATCH_WATERMARK " GROUP BY conversation) e JOIN "
    "conversations c ON c.id=e.conversation WHERE c.head+1<e.first OR c.head>e.last",
};

/// The version of the schema from which on there are generations.
constexpr std::int64_t schema_with_generations = 3;

constexpr std::array generation_rules{
    "SELECT 'Generation ' || id || ' begins after message ' || began || ', beyond the last message "
    "' || max(" KLATCH_WATERMARK ", ifnull(" KLATCH_LAST ", 0)) || '.' FROM generations WHERE "
    "began > max(" KLATCH_WATERMARK ", ifnull(" KLATCH_LAST ", 0))",
    "SELECT 'Generation ' || id || ' begins before generation ' || before || '.' FROM (SELECT id, "
    "began, lag(id) OVER (ORDER BY id) AS before, lag(began) OVER (ORDER BY id) AS earlier FROM "
    "generations) WHERE began < earlier",
};

class collector {
public:
  collector(std::size_t limit, std::vector<std::string>& findings)
      : limit_(limit), findings_(findings) {}

  bool full() const noexcept { return findings_.size() >= limit_; }
  void add(std::string finding) {
    if (!full())
      findings_.push_back(std::move(finding));
  }
  void add_all(database& source, std::string_view sql) {
    if (full())
      return;
    statement select{source, sql};
    auto rows = select.query();
    while (!full() && rows.next())
      add(std::string{rows.text(0)});
  }

private:
  std::size_t limit_;
  std::vector<std::string>& findings_;
};

/// SQL without comments, and with no more than a space between words: what it means is the same.
std::string condensed(std::string_view sql) {
  std::string result;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql.substr(at, 2) == "--")
      at = std::min(sql.find('\n', at), sql.size() - 1);
    const bool blank = std::string_view{" \t\r\n"}.find(sql[at]) != std::string_view::npos;
    if (!blank)
      result += sql[at];
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  return result;
}

struct schema_object {
  std::string type;
  std::string sql;
};

/// By name. What SQLite makes for itself has no SQL, or a name that is SQLite's.
std::map<std::string, schema_object> schema_of(database& source) {
  std::map<std::string, schema_object> result;
  statement select{source, "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND "
                           "name NOT LIKE 'sqlite^_%' ESCAPE '^'"};
  auto rows = select.query();
  while (rows.next())
    result.emplace(rows.text(0), schema_object{std::string{rows.text(1)}, condensed(rows.text(2))});
  return result;
}

/// A table or an index that an operator has added is left alone, as long as it takes nothing from
/// what is to be stored.
bool does_something(const schema_object& added) {
  return added.type == "trigger" || added.type == "view" ||
         added.sql.starts_with("CREATE UNIQUE INDEX");
}

using schema = std::map<std::string, schema_object>;

/// What Klatch makes, by version. Made once a process.
const schema& expected_schema(std::int64_t version) {
  static const auto all = [] {
    std::vector<schema> made;
    database model{":memory:", database::access::read_write};
    for (std::int64_t next = 0; next <= newest_schema(); ++next) {
      migrate(model, next);
      made.push_back(schema_of(model));
    }
    return made;
  }();
  return all[static_cast<std::size_t>(std::clamp<std::int64_t>(version, 0, newest_schema()))];
}

void judge_schema(database& source, collector& found) {
  const auto& expected = expected_schema(source.number("PRAGMA user_version"));
  const auto there = schema_of(source);
  for (const auto& [name, object] : expected)
    if (const auto same = there.find(name); same == there.end())
      found.add("The " + object.type + ' ' + name + " is missing.");
    else if (same->second.sql != object.sql)
      found.add("The " + object.type + ' ' + name + " is not as Klatch makes it.");
  for (const auto& [name, object] : there)
    if (!expected.contains(name) && does_something(object))
      found.add("The " + object.type + ' ' + name + " is not of Klatch's making.");
}

bool is_id(std::string_view text) { return is_valid_utf8(text) && valid_id(text); }

void judge_ids(database& source, collector& found) {
  statement select{source, "SELECT id, project, user FROM users"};
  auto rows = select.query();
  while (!found.full() && rows.next())
    if (!is_id(rows.text(1)) || !is_id(rows.text(2)))
      found.add("User " + std::to_string(rows.number(0)) + " has no id that can be one.");
}

} // namespace

std::vector<std::string> find_start_faults(database& source, std::size_t limit) {
  std::vector<std::string> findings;
  collector found{limit, findings};
  if (source.number("PRAGMA user_version") < 1)
    found.add("It has no schema.");
  judge_schema(source, found);
  if (findings.empty())
    for (const auto* each : meta_rules)
      found.add_all(source, each);
  if (!findings.empty()) // What follows asks for all of that.
    return findings;
  judge_ids(source, found);
  for (const auto* each : start_rules)
    found.add_all(source, each);
  if (source.number("PRAGMA user_version") >= schema_with_generations)
    for (const auto* each : generation_rules)
      found.add_all(source, each);
  return findings;
}

} // namespace klatch::store
