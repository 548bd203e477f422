#include "store/sqlite/schema.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace klatch::store {

namespace {

/// Each leads from the version before it; the first makes an empty file version 1.
constexpr std::array migrations{
    R"(
CREATE TABLE meta(
  key TEXT PRIMARY KEY,
  value NOT NULL) WITHOUT ROWID;

CREATE TABLE log(
  pos INTEGER PRIMARY KEY,        -- the message's id
  conversation INTEGER NOT NULL,
  n INTEGER NOT NULL,             -- in the conversation
  sender INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,      -- in the sender's inbox
  to_seq INTEGER NOT NULL,        -- in the recipient's
  sent INTEGER NOT NULL,          -- the sender's messages in the conversation up to this one
  ts INTEGER NOT NULL,
  cid TEXT,
  name TEXT NOT NULL,
  color TEXT NOT NULL,
  text TEXT NOT NULL);

CREATE TABLE users(
  id INTEGER PRIMARY KEY,
  project TEXT NOT NULL,
  user TEXT NOT NULL,
  head INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  plain INTEGER NOT NULL DEFAULT 0,
  UNIQUE(project, user));

CREATE TABLE conversations(
  id INTEGER PRIMARY KEY,
  low INTEGER NOT NULL,           -- of the two users the one with the lower id
  high INTEGER NOT NULL,
  head INTEGER NOT NULL DEFAULT 0,
  low_sent INTEGER NOT NULL DEFAULT 0,
  high_sent INTEGER NOT NULL DEFAULT 0,
  last_ts INTEGER NOT NULL DEFAULT 0,
  last_pos INTEGER NOT NULL DEFAULT 0,
  low_read INTEGER NOT NULL DEFAULT 0,
  high_read INTEGER NOT NULL DEFAULT 0,
  low_delivered INTEGER NOT NULL DEFAULT 0,
  high_delivered INTEGER NOT NULL DEFAULT 0,
  UNIQUE(low, high));

CREATE TABLE inbox(
  user INTEGER NOT NULL, seq INTEGER NOT NULL, pos INTEGER NOT NULL,
  PRIMARY KEY(user, seq)) WITHOUT ROWID;

CREATE TABLE thread(
  conversation INTEGER NOT NULL, n INTEGER NOT NULL, pos INTEGER NOT NULL,
  PRIMARY KEY(conversation, n)) WITHOUT ROWID;

CREATE TABLE cids(
  sender INTEGER NOT NULL, cid TEXT NOT NULL, pos INTEGER NOT NULL,
  PRIMARY KEY(sender, cid)) WITHOUT ROWID;

CREATE TABLE recent(
  user INTEGER NOT NULL, last_pos INTEGER NOT NULL, conversation INTEGER NOT NULL,
  PRIMARY KEY(user, last_pos)) WITHOUT ROWID;

INSERT INTO meta VALUES('watermark', 0), ('flushing', 0);
)",
    // What users are called; until they register again, what their last message says.
    R"(
CREATE TABLE profiles(
  project TEXT NOT NULL, user TEXT NOT NULL, name TEXT NOT NULL, color TEXT NOT NULL,
  PRIMARY KEY(project, user)) WITHOUT ROWID;

INSERT INTO profiles SELECT u.project, u.user, l.name, l.color
  FROM (SELECT sender, max(pos) AS pos FROM log GROUP BY sender) s
  JOIN log l ON l.pos=s.pos JOIN users u ON u.id=s.sender
  WHERE l.name<>u.user OR l.color<>'';
)",
    // Which starts there have been; what was before the first one has no tag.
    R"(
CREATE TABLE generations(
  id INTEGER PRIMARY KEY,
  tag TEXT NOT NULL,
  began INTEGER NOT NULL);        -- the last message before it

INSERT INTO generations VALUES(1, '', 0);
)"};

} // namespace

std::int64_t newest_schema() noexcept { return static_cast<std::int64_t>(migrations.size()); }

void migrate(database& target, std::int64_t version) {
  for (auto next = target.number("PRAGMA user_version"); next < version; ++next) {
    transaction step{target, transaction::kind::write};
    target.execute(migrations.at(static_cast<std::size_t>(next)));
    target.execute(("PRAGMA user_version=" + std::to_string(next + 1)).c_str());
    step.commit();
  }
}

void create_schema(database& target) {
  target.execute(("PRAGMA application_id=" + std::to_string(application_id)).c_str());
  migrate(target);
  renew_epoch(target);
}

void renew_epoch(database& target) {
  target.execute("INSERT OR REPLACE INTO meta VALUES('epoch', lower(hex(randomblob(16))))");
}

} // namespace klatch::store
