#include "store/sqlite/consistency.hpp"

#include "store/sqlite/soundness.hpp"

#include <algorithm>
#include <array>

namespace klatch::store {

namespace {

/// A rule: `sql` selects a sentence for each breach. The watermark is where the indexes end: what
/// lies beyond it may or may not be in them, since a round of indexing may be under way.
struct rule {
  const char* sql;
};

#define KLATCH_WATERMARK "(SELECT value FROM meta WHERE key='watermark')"

/// The last messages that the round under way indexes, one of each conversation that it has any of.
/// None if no round is under way.
#define KLATCH_ROUND                                                                               \
  "(SELECT conversation, max(pos) AS pos FROM log WHERE pos>" KLATCH_WATERMARK " AND "             \
  "pos<=(SELECT value FROM meta WHERE key='flushing') GROUP BY conversation)"

constexpr std::array rules{
    rule{"SELECT 'Message ' || pos || ' comes right after message ' || before || ' in the log.' "
         "FROM (SELECT pos, lag(pos) OVER (ORDER BY pos) AS before FROM log) "
         "WHERE pos <> before + 1"},
    rule{"SELECT 'Message ' || l.pos || ' names a user or a conversation that is not there.' "
         "FROM log l LEFT JOIN users s ON s.id=l.sender LEFT JOIN users r ON r.id=l.recipient "
         "LEFT JOIN conversations c ON c.id=l.conversation WHERE s.id IS NULL OR r.id IS NULL OR "
         "c.id IS NULL OR c.low<>min(l.sender, l.recipient) OR "
         "c.high<>max(l.sender, l.recipient)"},
    // From the log to the indexes.
    rule{"SELECT 'Entry ' || l.from_seq || ' of the inbox of user ' || l.sender || ' does not "
         "lead to message ' || l.pos || '.' FROM log l LEFT JOIN inbox i ON i.user=l.sender AND "
         "i.seq=l.from_seq WHERE l.pos<=" KLATCH_WATERMARK " AND i.pos IS NOT l.pos"},
    rule{"SELECT 'Entry ' || l.to_seq || ' of the inbox of user ' || l.recipient || ' does not "
         "lead to message ' || l.pos || '.' FROM log l LEFT JOIN inbox i ON i.user=l.recipient "
         "AND i.seq=l.to_seq WHERE l.pos<=" KLATCH_WATERMARK " AND i.pos IS NOT l.pos AND "
         "l.recipient<>l.sender"},
    rule{"SELECT 'Entry ' || l.n || ' of conversation ' || l.conversation || ' does not lead to "
         "message ' || l.pos || '.' FROM log l LEFT JOIN thread t ON "
         "t.conversation=l.conversation AND t.n=l.n WHERE l.pos<=" KLATCH_WATERMARK
         " AND t.pos IS NOT l.pos"},
    rule{"SELECT 'The key of message ' || l.pos || ' does not lead to it.' FROM log l LEFT JOIN "
         "cids c ON c.sender=l.sender AND c.cid=l.cid WHERE l.cid IS NOT NULL AND "
         "l.pos<=" KLATCH_WATERMARK " AND c.pos IS NOT l.pos"},
    // And back.
    rule{"SELECT 'Entry ' || i.seq || ' of the inbox of user ' || i.user || ' leads to message ' "
         "|| i.pos || ', which is not its.' FROM inbox i LEFT JOIN log l ON l.pos=i.pos "
         "WHERE NOT ifnull((l.sender=i.user AND l.from_seq=i.seq) OR "
         "(l.recipient=i.user AND l.to_seq=i.seq), 0)"},
    rule{"SELECT 'Entry ' || t.n || ' of conversation ' || t.conversation || ' leads to message ' "
         "|| t.pos || ', which is not its.' FROM thread t LEFT JOIN log l ON l.pos=t.pos "
         "WHERE NOT ifnull(l.conversation=t.conversation AND l.n=t.n, 0)"},
    rule{"SELECT 'A key of user ' || c.sender || ' leads to message ' || c.pos || ', which is not "
         "its.' FROM cids c LEFT JOIN log l ON l.pos=c.pos "
         "WHERE NOT ifnull(l.sender=c.sender AND l.cid=c.cid, 0)"},
    // A round puts lists of conversations right before it does the conversations themselves.
    rule{"SELECT 'The list of conversations of user ' || r.user || ' has message ' || r.last_pos "
         "|| ' as the last one of conversation ' || r.conversation || ', which it is not.' "
         "FROM recent r LEFT JOIN log l ON l.pos=r.last_pos LEFT JOIN conversations c "
         "ON c.id=r.conversation LEFT JOIN " KLATCH_ROUND " a ON a.conversation=r.conversation "
         "WHERE NOT ifnull(l.conversation=r.conversation AND r.user IN (l.sender, l.recipient) "
         "AND r.last_pos IN (c.last_pos, ifnull(a.pos, c.last_pos)), 0)"},
    rule{"SELECT 'The list of conversations of user ' || user || ' has conversation ' || "
         "conversation || ' twice.' FROM recent GROUP BY user, conversation HAVING count(*)>1"},
    // No gap: numbers rise by one from message to message, in the tail as well.
    rule{"SELECT 'After entry ' || before || ' of the inbox of user ' || user || ' comes entry ' "
         "|| seq || '.' FROM (SELECT user, seq, lag(seq) OVER (PARTITION BY user ORDER BY seq) "
         "AS before FROM (SELECT sender AS user, from_seq AS seq FROM log UNION ALL "
         "SELECT recipient, to_seq FROM log WHERE recipient<>sender)) WHERE seq<>before+1"},
    rule{"SELECT 'After message ' || before || ' of conversation ' || conversation || ' comes "
         "message ' || n || '.' FROM (SELECT conversation, n, lag(n) OVER (PARTITION BY "
         "conversation ORDER BY n) AS before FROM log) WHERE n<>before+1"},
    rule{"SELECT 'Message ' || pos || ' counts ' || sent || ' messages of its sender in "
         "conversation ' || conversation || ' after ' || before || '.' FROM (SELECT pos, sent, "
         "conversation, lag(sent) OVER (PARTITION BY conversation, sender ORDER BY n) AS before "
         "FROM log) WHERE sent<>before+1"},
    rule{"SELECT 'User ' || sender || ' has used a key twice, the second time for message ' || "
         "max(pos) || '.' FROM log WHERE cid IS NOT NULL GROUP BY sender, cid HAVING count(*)>1"},
    // Heads stand between the watermark and the end of the log.
    rule{"SELECT 'The inbox of user ' || u.id || ' ends at ' || u.head || ', but its last entry "
         "is ' || e.seq || '.' FROM users u JOIN (SELECT user, max(seq) AS seq FROM (SELECT "
         "sender AS user, from_seq AS seq FROM log WHERE pos<=" KLATCH_WATERMARK
         " UNION ALL SELECT recipient, to_seq FROM log WHERE pos<=" KLATCH_WATERMARK
         ") GROUP BY user) e ON e.user=u.id WHERE u.head<e.seq"},
    rule{"SELECT 'The inbox of user ' || u.id || ' ends at ' || u.head || ', beyond its last entry "
         "' || e.seq || '.' FROM users u JOIN (SELECT user, max(seq) AS seq FROM (SELECT sender AS "
         "user, from_seq AS seq FROM log UNION ALL SELECT recipient, to_seq FROM log) GROUP BY "
         "user) e ON e.user=u.id WHERE u.head>e.seq"},
    rule{"SELECT 'Conversation ' || c.id || ' ends at message ' || c.head || ' and counts ' || "
         "c.low_sent || ' and ' || c.high_sent || ', which does not agree with its last message "
         "' || l.pos || '.' FROM conversations c JOIN log l ON l.pos=c.last_pos WHERE "
         "l.conversation<>c.id OR l.n<>c.head OR c.low_sent+c.high_sent<>c.head OR "
         "c.last_ts<>l.ts OR l.sent<>CASE WHEN l.sender=c.low THEN c.low_sent ELSE c.high_sent "
         "END"},
    rule{"SELECT 'Conversation ' || c.id || ' ends at message ' || c.head || ', but its last one "
         "is ' || e.n || '.' FROM conversations c JOIN (SELECT conversation, max(n) AS n FROM log "
         "WHERE pos<=" KLATCH_WATERMARK " GROUP BY conversation) e ON e.conversation=c.id "
         "WHERE c.head<e.n"},
    rule{"SELECT 'Conversation ' || c.id || ' is missing in the list of user ' || p.user || '.' "
         "FROM conversations c JOIN log l ON l.pos=c.last_pos JOIN (SELECT id, low AS user FROM "
         "conversations UNION SELECT id, high FROM conversations) p ON p.id=c.id "
         "LEFT JOIN " KLATCH_ROUND " a ON a.conversation=c.id WHERE NOT EXISTS (SELECT 1 FROM "
         "recent r WHERE r.user=p.user AND r.last_pos IN (c.last_pos, ifnull(a.pos, c.last_pos)) "
         "AND r.conversation=c.id)"},
};

void add(database& source, const std::string& sql, std::size_t limit,
         std::vector<std::string>& findings) {
  statement select{source, sql};
  auto rows = select.query();
  while (findings.size() < limit && rows.next())
    if (std::find(findings.begin(), findings.end(), rows.text(0)) == findings.end())
      findings.emplace_back(rows.text(0));
}

/// As a statement: from 3.46 on SQLite takes the argument of `pragma_integrity_check` for the name
/// of a table.
void find_damage(database& source, std::size_t limit, std::vector<std::string>& findings) {
  statement look{source, "PRAGMA integrity_check(" + std::to_string(limit) + ")"};
  auto rows = look.query();
  while (findings.size() < limit && rows.next())
    if (rows.text(0) != "ok")
      findings.emplace_back(rows.text(0));
}

} // namespace

std::vector<std::string> find_inconsistencies(database& source, std::size_t limit) {
  std::vector<std::string> findings;
  const transaction one_state{source, transaction::kind::read};
  find_damage(source, limit, findings);
  // What is damaged cannot be reasoned about.
  if (!findings.empty())
    return findings;
  findings = find_start_faults(source, limit);
  try {
    for (const auto& each : rules)
      add(source, each.sql, limit, findings);
  } catch (const database_error&) {
    if (findings.empty()) // Otherwise they say why: a table is missing, say.
      throw;
  }
  return findings;
}

} // namespace klatch::store
