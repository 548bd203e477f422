#include "store/postgres/postgres_schema.hpp"

#include "store/cannot_open.hpp"

#include <optional>
#include <string>

namespace klatch::store {

namespace {

constexpr postgres_statement read_version{"read_version",
                                          "SELECT value::int8 FROM meta WHERE key='schema'"};
constexpr postgres_statement server_version{"server_version",
                                            "SELECT current_setting('server_version_num')::int8"};

constexpr std::int64_t oldest_server = 140'000;

/// Nodes that start together make the tables one after the other.
constexpr const char* schema_lock = "SELECT pg_advisory_xact_lock(x'4B6C61746368'::int8);";

constexpr const char* tables = R"(
CREATE TABLE IF NOT EXISTS meta(key text PRIMARY KEY, value text NOT NULL);

-- Of users and of conversations: all counters have one order in which they are locked.
CREATE SEQUENCE IF NOT EXISTS ids;
-- A mid is block * 1024 + place in the batch.
CREATE SEQUENCE IF NOT EXISTS blocks;
CREATE SEQUENCE IF NOT EXISTS nodes;

-- Who may write: a lease.
CREATE TABLE IF NOT EXISTS node(
  incarnation bigint PRIMARY KEY DEFAULT nextval('nodes'), name text NOT NULL UNIQUE, speaks int NOT NULL,
  seen timestamptz NOT NULL, bus boolean NOT NULL, draining boolean NOT NULL);

CREATE TABLE IF NOT EXISTS account(
  id bigint PRIMARY KEY DEFAULT nextval('ids'), project bytea NOT NULL, name bytea NOT NULL, UNIQUE(project, name));
-- Of users who have registered; they need not have an account.
CREATE TABLE IF NOT EXISTS profile(
  project bytea, name bytea, shown bytea NOT NULL, color bytea NOT NULL, PRIMARY KEY(project, name));
-- low and high are accounts, low the one with the lower id.
CREATE TABLE IF NOT EXISTS conversation(
  id bigint PRIMARY KEY DEFAULT nextval('ids'), low bigint NOT NULL, high bigint NOT NULL, UNIQUE(low, high));
CREATE TABLE IF NOT EXISTS member(owner bigint, talk bigint, PRIMARY KEY(owner, talk));

-- room: goes when the row is first changed, so that half of a page is free for the rows that take the place of older
-- ones. With a low fillfactor instead, PostgreSQL clears a page each time that it looks at one of its rows.
-- low_sent: of the messages of a conversation, those of its low user.
CREATE TABLE IF NOT EXISTS counter(
  id bigint PRIMARY KEY, last bigint NOT NULL DEFAULT 0, low_sent bigint NOT NULL DEFAULT 0,
  ts bigint NOT NULL DEFAULT 0, room text DEFAULT repeat('.', 55)) WITH (fillfactor = 90);

-- sent: how many the sender has written in the conversation, with this one.
CREATE TABLE IF NOT EXISTS message(
  talk bigint, n bigint, mid bigint NOT NULL, sender bigint NOT NULL, recipient bigint, from_seq bigint NOT NULL,
  to_seq bigint, sent bigint NOT NULL, ts bigint NOT NULL, cid bytea NOT NULL, name bytea NOT NULL,
  color bytea NOT NULL, body bytea NOT NULL, PRIMARY KEY(talk, n));
CREATE UNIQUE INDEX IF NOT EXISTS message_from ON message(sender, from_seq);
CREATE UNIQUE INDEX IF NOT EXISTS message_to ON message(recipient, to_seq);
CREATE UNIQUE INDEX IF NOT EXISTS message_cid ON message(sender, cid);
CREATE UNIQUE INDEX IF NOT EXISTS message_mid ON message(mid);

CREATE TABLE IF NOT EXISTS inbox_mark(
  owner bigint PRIMARY KEY, delivered bigint NOT NULL DEFAULT 0, plain bigint NOT NULL DEFAULT 0,
  room text DEFAULT repeat('.', 47)) WITH (fillfactor = 90);
CREATE TABLE IF NOT EXISTS talk_mark(
  talk bigint, owner bigint, read bigint NOT NULL DEFAULT 0, delivered bigint NOT NULL DEFAULT 0,
  room text DEFAULT repeat('.', 55), PRIMARY KEY(talk, owner)) WITH (fillfactor = 90);

-- Of what operators say to all nodes. Whoever changes it raises meta.control in the same transaction.
-- What was given to a user before `since`, in seconds since 1970 UTC, does not count.
CREATE TABLE IF NOT EXISTS revocation(
  project bytea, name bytea, since bigint NOT NULL, PRIMARY KEY(project, name));
-- guests: what their tokens are signed with.
CREATE TABLE IF NOT EXISTS secret(name text PRIMARY KEY, value text NOT NULL);
)";

/// A batch in one round trip and one transaction: locks are held for as long as the server takes,
/// never for as long as a client does. a_*: the counters that are raised, by ascending id; by how
/// much, and by how much of the low user's. d_*: the messages. pt, ps, pr: the places of
/// conversation, sender and recipient among a_ids; n, f, t, s: offsets within the batch. With
/// a_check, nothing is written if a key of the batch is there: r_* are those that are, and r_at
/// their places in the batch. a_now: ms since 1970, or null for the database's clock.
constexpr const char* append_function = R"(
CREATE OR REPLACE FUNCTION klatch_append(
  a_node int8, a_check bool, a_now int8, a_ids int8[], a_k int8[], a_l int8[],
  d_pt int8[], d_ps int8[], d_pr int8[], d_n int8[], d_f int8[], d_t int8[], d_low int8[], d_s int8[],
  d_cid bytea[], d_name bytea[], d_color bytea[], d_body bytea[],
  OUT block int8, OUT bases int8[], OUT tss int8[],
  OUT r_at int8[], OUT r_mid int8[], OUT r_n int8[], OUT r_f int8[], OUT r_t int8[], OUT r_ts int8[])
LANGUAGE plpgsql AS $klatch$
DECLARE
  ms int8 := coalesce(a_now, (extract(epoch FROM clock_timestamp()) * 1000)::int8);
  lows int8[];
BEGIN
  -- Whoever ends this node's lease waits for what it has under way, or skips the node.
  PERFORM 1 FROM node WHERE incarnation = a_node FOR KEY SHARE;
  IF NOT FOUND THEN RAISE EXCEPTION 'the lease of this node is gone' USING ERRCODE = 'KL001'; END IF;
  IF a_check THEN
    PERFORM 1 FROM counter WHERE id = ANY(a_ids) ORDER BY id FOR NO KEY UPDATE;
    SELECT array_agg(d.i), array_agg(m.mid), array_agg(m.n), array_agg(m.from_seq), array_agg(m.to_seq), array_agg(m.ts)
      INTO r_at, r_mid, r_n, r_f, r_t, r_ts
      FROM unnest(d_ps, d_cid) WITH ORDINALITY d(ps, cid, i) JOIN message m ON m.sender = a_ids[d.ps] AND m.cid = d.cid;
    IF r_at IS NOT NULL THEN RETURN; END IF;
  END IF;
  WITH u AS (UPDATE counter t SET last = t.last + d.k, low_sent = t.low_sent + d.l, ts = GREATEST(t.ts, ms), room = NULL
               FROM unnest(a_ids, a_k, a_l) d(id, k, l) WHERE t.id = d.id
             RETURNING t.id, t.last - d.k AS b, t.low_sent - d.l AS lb, t.ts)
    SELECT array_agg(s.b), array_agg(s.lb), array_agg(s.ts) INTO bases, lows, tss FROM (SELECT * FROM u ORDER BY id) s;
  IF cardinality(bases) IS DISTINCT FROM cardinality(a_ids) THEN
    RAISE EXCEPTION 'a counter is not there' USING ERRCODE = 'KL002';
  END IF;
  block := nextval('blocks'); -- Under the locks, so that mids rise in every inbox and conversation.
  INSERT INTO message(talk, n, mid, sender, recipient, from_seq, to_seq, sent, ts, cid, name, color, body)
    SELECT a_ids[d.pt], bases[d.pt] + d.n, block * 1024 + d.i - 1, a_ids[d.ps], a_ids[d.pr], bases[d.ps] + d.f,
           bases[d.pr] + d.t, CASE d.low WHEN 1 THEN lows[d.pt] ELSE bases[d.pt] - lows[d.pt] END + d.s, tss[d.pt],
           d.cid, d.name, d.color, d.body
      FROM unnest(d_pt, d_ps, d_pr, d_n, d_f, d_t, d_low, d_s, d_cid, d_name, d_color, d_body) WITH ORDINALITY
           d(pt, ps, pr, n, f, t, low, s, cid, name, color, body, i);
END $klatch$;
)";

/// Takes delivery for several users at once, each named once at most; and sets how far their plain
/// clients are. Rows: of each step that came to its bound (at, 0, null), of each sender whose
/// messages were new (at, n, its name); at: the place in d_*.
constexpr const char* deliver_function = R"(
CREATE OR REPLACE FUNCTION klatch_deliver(
  d_owner int8[], d_seq int8[], d_limit int8[], p_owner int8[], p_seq int8[])
RETURNS TABLE(at int8, n int8, sender bytea) LANGUAGE plpgsql AS $klatch$
#variable_conflict use_column
DECLARE
  owners int8[] := ARRAY(SELECT DISTINCT o FROM unnest(d_owner || p_owner) o ORDER BY o);
  steps record;
BEGIN
  -- On disk with the next message, or soon after.
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO inbox_mark(owner) SELECT o FROM unnest(owners) o ORDER BY o ON CONFLICT DO NOTHING;
  PERFORM 1 FROM inbox_mark m WHERE m.owner = ANY(owners) ORDER BY m.owner FOR NO KEY UPDATE;
  UPDATE inbox_mark m SET plain = LEAST(p.seq, c.last), room = NULL
    FROM unnest(p_owner, p_seq) p(owner, seq) JOIN counter c ON c.id = p.owner
    WHERE m.owner = p.owner AND m.plain < LEAST(p.seq, c.last);
  -- goal: the mark; first: the first entry beyond the old one that is still there; upto: where the step ends.
  SELECT array_agg(s.at) AS ats, array_agg(s.owner) AS owners, array_agg(s.goal) AS goals, array_agg(s.first) AS firsts,
         array_agg(CASE WHEN s.first <= s.goal THEN LEAST(s.goal, s.first + s.most - 1) ELSE s.goal END) AS uptos
    INTO steps
    FROM (SELECT d.at, d.owner, d.most, LEAST(d.seq, c.last) AS goal, LEAST(
            (SELECT o.from_seq FROM message o WHERE o.sender = d.owner AND o.from_seq > m.delivered ORDER BY o.from_seq LIMIT 1),
            (SELECT i.to_seq FROM message i WHERE i.recipient = d.owner AND i.to_seq > m.delivered ORDER BY i.to_seq LIMIT 1)) AS first
          FROM unnest(d_owner, d_seq, d_limit) WITH ORDINALITY d(owner, seq, most, at)
          JOIN inbox_mark m ON m.owner = d.owner JOIN counter c ON c.id = d.owner
          WHERE m.delivered < LEAST(d.seq, c.last)) s;
  UPDATE inbox_mark m SET delivered = GREATEST(m.delivered, s.upto), room = NULL
    FROM unnest(steps.owners, steps.uptos) s(owner, upto) WHERE m.owner = s.owner;
  RETURN QUERY SELECT s.at, 0::int8, NULL::bytea FROM unnest(steps.ats, steps.goals, steps.uptos) s(at, goal, upto)
    WHERE s.upto < s.goal;
  RETURN QUERY WITH arrived AS MATERIALIZED (
      SELECT s.at, s.owner, g.talk, g.sender, g.n
        FROM unnest(steps.ats, steps.owners, steps.firsts, steps.uptos) s(at, owner, first, upto)
        CROSS JOIN LATERAL (SELECT i.talk, i.sender, max(i.n) AS n FROM message i WHERE i.recipient = s.owner
                              AND i.to_seq BETWEEN s.first AND s.upto GROUP BY i.talk, i.sender) g),
    raised AS (
      INSERT INTO talk_mark AS t(talk, owner, delivered) SELECT a.talk, a.owner, a.n FROM arrived a ORDER BY a.talk, a.owner
        ON CONFLICT (talk, owner) DO UPDATE SET delivered = EXCLUDED.delivered, room = NULL
          WHERE t.delivered < EXCLUDED.delivered)
    SELECT a.at, a.n, u.name FROM arrived a JOIN account u ON u.id = a.sender ORDER BY a.at, u.name;
END $klatch$;
)";

/// 128 random bits.
constexpr const char* first_rows = R"(
INSERT INTO meta VALUES ('epoch', replace(gen_random_uuid()::text, '-', '')),
  ('cluster', replace(gen_random_uuid()::text, '-', '')), ('control', '0'), ('retention', '')
  ON CONFLICT DO NOTHING;
)";

std::optional<std::int64_t> version_of(postgres_connection& server) {
  try {
    const auto rows = server.run(read_version);
    if (rows.empty())
      throw cannot_open{"the PostgreSQL database " + server.server() +
                        " has a table `meta` that is not Klatch's: give Klatch one of its own"};
    return rows.integer(0, 0);
  } catch (const server_refused& failed) {
    constexpr const char* undefined_table = "42P01";
    constexpr const char* undefined_column = "42703";
    if (failed.sqlstate() == undefined_table)
      return std::nullopt;
    if (failed.sqlstate() != undefined_column)
      throw;
    throw cannot_open{"the PostgreSQL database " + server.server() +
                      " has a table `meta` that is not Klatch's: give Klatch one of its own"};
  }
}

} // namespace

void prepare_database(postgres_connection& server) {
  if (server.run(server_version).integer(0, 0) < oldest_server)
    throw cannot_open{"PostgreSQL at " + server.server() + " is too old: Klatch needs version 14"};
  const auto version = version_of(server);
  if (version > postgres_schema_version)
    throw cannot_open{"the tables in " + server.server() + " have version " +
                      std::to_string(*version) + ", this program knows " +
                      std::to_string(postgres_schema_version) + ": they were made by a newer one"};
  if (version)
    return;
  const auto version_row = "INSERT INTO meta VALUES ('schema', '" +
                           std::to_string(postgres_schema_version) + "') ON CONFLICT DO NOTHING;";
  try {
    server.run_script(std::string{schema_lock} + tables + append_function + deliver_function +
                      first_rows + version_row);
  } catch (const server_refused& failed) {
    throw cannot_open{"cannot make the tables in " + server.server() + ": " + failed.what()};
  }
}

} // namespace klatch::store
