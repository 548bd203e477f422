#include "store/postgres/postgres_move.hpp"

#include "store/cannot_open.hpp"
#include "store/postgres/postgres_check.hpp"
#include "store/postgres/postgres_rows.hpp"
#include "store/postgres/postgres_schema.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace klatch::store {

namespace {

using type = postgres_type;

constexpr const char* session =
    "SET statement_timeout=0; SET jit=off; SET lock_timeout='10s'; SET work_mem='32MB'; "
    "SET idle_in_transaction_session_timeout=0";

constexpr postgres_statement begin_move{"move_begin", "BEGIN"};
constexpr postgres_statement end_move{"move_end", "COMMIT"};
constexpr postgres_statement give_up{"move_give_up", "ROLLBACK"};
/// No node takes a lease meanwhile.
constexpr postgres_statement lock_nodes{"move_lock", "LOCK TABLE meta, node IN EXCLUSIVE MODE"};

/// What is written is written in the transaction or not at all: elsewhere the setting is not known,
/// and asking for it is an error.
constexpr postgres_statement mark_transaction{"move_mark", "SET LOCAL klatch.move='on'"};
#define KLATCH_IN_MOVE "current_setting('klatch.move')='on'"

constexpr postgres_statement look_for_nodes{"move_nodes",
                                            "SELECT string_agg(name, ', ') FROM node "
                                            "WHERE seen > clock_timestamp() - interval '10 s'"};
constexpr postgres_statement look_for_rows{
    "move_rows", "SELECT EXISTS (SELECT 1 FROM account) OR EXISTS (SELECT 1 FROM conversation) OR "
                 "EXISTS (SELECT 1 FROM message) OR EXISTS (SELECT 1 FROM profile)"};

constexpr postgres_statement insert_users{
    "move_users",
    "WITH u AS MATERIALIZED (SELECT * FROM unnest($1, $2, $3, $4, $5, $6) "
    "u(id, project, name, last, delivered, plain) WHERE " KLATCH_IN_MOVE "), "
    "a AS (INSERT INTO account(id, project, name) SELECT id, project, name FROM u), "
    "c AS (INSERT INTO counter(id, last) SELECT id, last FROM u) "
    "INSERT INTO inbox_mark(owner, delivered, plain) SELECT id, delivered, plain FROM u "
    "WHERE delivered>0 OR plain>0"};

constexpr postgres_statement insert_conversations{
    "move_conversations",
    "WITH v AS MATERIALIZED (SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "v(id, low, high, last, low_sent, ts, low_read, high_read, low_delivered, high_delivered) "
    "WHERE " KLATCH_IN_MOVE "), "
    "a AS (INSERT INTO conversation(id, low, high) SELECT id, low, high FROM v), "
    "c AS (INSERT INTO counter(id, last, low_sent, ts) SELECT id, last, low_sent, ts FROM v), "
    "m AS (INSERT INTO member(owner, talk) SELECT low, id FROM v UNION SELECT high, id FROM v) "
    "INSERT INTO talk_mark(talk, owner, read, delivered) SELECT * FROM "
    "(SELECT id, low, low_read AS read, low_delivered AS delivered FROM v UNION ALL "
    "SELECT id, high, high_read, high_delivered FROM v WHERE high<>low) k "
    "WHERE read>0 OR delivered>0"};

constexpr postgres_statement insert_messages{
    "move_messages",
    "INSERT INTO message(talk, n, mid, sender, recipient, from_seq, to_seq, sent, ts, cid, name, "
    "color, body) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
    "WHERE " KLATCH_IN_MOVE};

constexpr postgres_statement insert_profiles{
    "move_profiles", "INSERT INTO profile(project, name, shown, color) SELECT * FROM "
                     "unnest($1, $2, $3, $4) WHERE " KLATCH_IN_MOVE};

constexpr postgres_statement insert_secret{
    "move_secret", "INSERT INTO secret(name, value) SELECT 'guests', $1 WHERE " KLATCH_IN_MOVE
                   " ON CONFLICT (name) DO UPDATE SET value=EXCLUDED.value"};

constexpr postgres_statement set_epoch{
    "move_epoch", "UPDATE meta SET value=$1 WHERE key='epoch' AND " KLATCH_IN_MOVE};
/// Never back: an earlier attempt may have had them higher.
constexpr postgres_statement set_next_mid{
    "move_next_mid", "SELECT setval('blocks', greatest($1/1024, last_value)) FROM blocks"};
constexpr postgres_statement set_next_id{"move_next_id",
                                         "SELECT setval('ids', greatest($1, last_value)) FROM ids"};

constexpr postgres_statement count_rows{
    "move_counts", "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM conversation), "
                   "(SELECT count(*) FROM message), (SELECT count(*) FROM profile)"};

constexpr std::size_t most_faults = 100;

postgres_options patient(postgres_options options) {
  options.call_timeout = std::chrono::hours{24};
  return options;
}

/// The key of a message that has none. It has more bytes than one of a client's can have.
std::string key_for(std::uint64_t mid) {
  std::string result = "moved without a key: message " + std::to_string(mid);
  result.resize(longest_cid + 1, '.');
  return result;
}

} // namespace

// -- rows -----------------------------------------------------------------------------------------

pending_rows::pending_rows(const postgres_statement& insert, std::vector<postgres_type> columns)
    : insert_(insert), types_(std::move(columns)) {
  clear();
}

void pending_rows::clear() {
  columns_.clear();
  for (const auto each : types_)
    columns_.emplace_back(each);
  rows_ = 0;
  bytes_ = 0;
}

void pending_rows::flush(postgres_connection& server) {
  if (rows_ == 0)
    return;
  statement_params with;
  for (const auto& each : columns_)
    with.array(each);
  server.run(insert_, with);
  clear();
}

// -- the move -------------------------------------------------------------------------------------

postgres_move::postgres_move(const postgres_options& options, const moved_store& what)
    : server_(patient(options), session), what_(what), last_id_(what.last_user),
      users_(insert_users,
             {type::number, type::bytes, type::bytes, type::number, type::number, type::number}),
      conversations_(insert_conversations, std::vector(10, type::number)),
      messages_(insert_messages,
                {type::number, type::number, type::number, type::number, type::number, type::number,
                 type::number, type::number, type::number, type::bytes, type::bytes, type::bytes,
                 type::bytes}),
      profiles_(insert_profiles, std::vector(4, type::bytes)) {
  prepare_database(server_);
  server_.run(begin_move);
  session_ = server_.sessions();
  server_.run(lock_nodes);
  server_.run(mark_transaction);
  require_empty();
}

void postgres_move::require_empty() {
  if (const auto nodes = server_.run(look_for_nodes); !nodes.is_null(0, 0))
    throw cannot_open{"a service uses " + server_.server() + " (" + std::string{nodes.bytes(0, 0)} +
                      "): stop it, and wait ten seconds"};
  if (server_.run(look_for_rows).flag(0, 0))
    throw cannot_open{"there is a store in " + server_.server() +
                      " already: give the one that is moved an empty database"};
}

void postgres_move::add_done(pending_rows& rows) {
  if (rows.full())
    rows.flush(server_);
}

void postgres_move::add(const moved_user& one) {
  users_.add(one.id, one.key.project.str(), one.key.user.str(), one.head, one.delivered,
             one.legacy_delivered);
  add_done(users_);
}

// Users keep their ids, so that the one with the lower id stays that one.
void postgres_move::add(const moved_conversation& one) {
  const auto id = what_.last_user + one.id;
  last_id_ = std::max(last_id_, id);
  conversations_.add(id, one.users[0], one.users[1], one.head, one.sent[0], one.last_ts,
                     one.read[0], one.read[1], one.delivered[0], one.delivered[1]);
  add_done(conversations_);
}

void postgres_move::add(const moved_message& one) {
  const auto& numbers = one.numbers;
  messages_.add(what_.last_user + one.conversation, numbers.n, numbers.mid, one.sender,
                one.recipient, numbers.from_seq, numbers.to_seq, one.sent, numbers.ts,
                one.cid ? *one.cid : key_for(numbers.mid), one.name, one.color, one.text);
  add_done(messages_);
}

void postgres_move::add(const moved_profile& one) {
  profiles_.add(one.user.project.str(), one.user.user.str(), one.shown.name, one.shown.color);
  add_done(profiles_);
}

void postgres_move::add_guest_secret(const std::string& secret) {
  server_.run(insert_secret, statement_params{}.text(secret));
}

std::vector<std::string> postgres_move::finish() {
  for (auto* each : {&users_, &conversations_, &messages_, &profiles_})
    each->flush(server_);
  server_.run(set_epoch, statement_params{}.text(what_.epoch));
  set_sequences();
  server_.run_script("ANALYZE account, profile, conversation, member, counter, message, "
                     "inbox_mark, talk_mark");
  auto faults = find_missing();
  if (faults.empty())
    faults = find_faults(server_, most_faults);
  server_.run(faults.empty() ? end_move : give_up);
  if (server_.sessions() != session_) // What was ended was nothing.
    throw unavailable{"the connection to " + server_.server() +
                      " was lost meanwhile, and nothing is moved"};
  return faults;
}

void postgres_move::set_sequences() {
  server_.run(set_next_mid, statement_params{}.number(what_.last_mid));
  server_.run(set_next_id, statement_params{}.number(std::max<std::uint64_t>(last_id_, 1)));
}

std::vector<std::string> postgres_move::find_missing() {
  const auto counts = server_.run(count_rows);
  const std::array<std::pair<const char*, std::uint64_t>, 4> expected{
      {{"users", what_.users},
       {"conversations", what_.conversations},
       {"messages", what_.messages},
       {"profiles", what_.profiles}}};
  std::vector<std::string> faults;
  for (std::size_t column = 0; column < expected.size(); ++column)
    if (const auto& [name, count] = expected.at(column); counts.number(0, column) != count)
      faults.push_back("Of " + std::to_string(count) + " " + name + " " +
                       std::to_string(counts.number(0, column)) + " have come.");
  return faults;
}

} // namespace klatch::store
