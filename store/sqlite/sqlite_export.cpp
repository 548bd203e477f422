#include "store/sqlite/sqlite_export.hpp"

#include "store/sqlite/soundness.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace klatch::store {

namespace {

namespace fs = std::filesystem;

/// The version of the schema from which on there are profiles, and generations.
constexpr std::int64_t first_with_profiles = 2;
constexpr std::int64_t first_with_generations = 3;

fs::path inspected(const fs::path& folder) {
  auto file = store_file(folder);
  if (!fs::exists(file))
    throw cannot_open{"there is no store in " + folder.string()};
  inspect_store_file(file);
  prepare_folder(folder); // What is made here belongs to its owner.
  return file;
}

user_key key_in(const cursor& row, int project, int user) {
  auto of = project_id::parse(row.text(project));
  auto who = user_id::parse(row.text(user));
  if (!of || !who)
    throw database_error::damaged("a user has no id that can be one");
  return {*std::move(of), *std::move(who)};
}

} // namespace

sqlite_export::sqlite_export(const fs::path& folder)
    : lock_((inspected(folder), folder)), source_(store_file(folder), database::access::read_only),
      one_state_(source_, transaction::kind::read) {
  source_.set_checkpoint_on_close(false);
  if (const auto faults = find_start_faults(source_, 1); !faults.empty())
    throw cannot_open{store_file(folder).string() + " is damaged: " + faults.front()};
  read_whole();
}

void sqlite_export::read_whole() {
  const auto count = [&](const char* sql) {
    return static_cast<std::uint64_t>(source_.number(sql));
  };
  const auto version = source_.number("PRAGMA user_version");
  statement epoch{source_, version < first_with_generations
                               ? "SELECT value FROM meta WHERE key='epoch'"
                               : "SELECT m.value || iif(g.tag='', '', '-' || g.tag) FROM meta m, "
                                 "generations g WHERE m.key='epoch' ORDER BY g.id DESC LIMIT 1"};
  {
    auto row = epoch.query();
    if (!row.next())
      throw database_error::damaged("it has no epoch");
    what_.epoch = row.text(0);
  }
  what_.users = count("SELECT count(*) FROM users");
  what_.last_user = count("SELECT max(id) FROM users");
  what_.conversations = count("SELECT count(*) FROM conversations");
  what_.messages = count("SELECT count(*) FROM log");
  if (version >= first_with_profiles)
    what_.profiles = count("SELECT count(*) FROM profiles");
  const auto watermark = count("SELECT value FROM meta WHERE key='watermark'");
  what_.last_mid = std::max(watermark, count("SELECT max(pos) FROM log"));
  read_tail(watermark);
}

void sqlite_export::read_tail(std::uint64_t watermark) {
  statement select{source_, "SELECT l.conversation, l.n, l.sender, l.recipient, l.from_seq, "
                            "l.to_seq, l.sent, l.ts, l.sender=c.low FROM log l "
                            "JOIN conversations c ON c.id=l.conversation WHERE l.pos>?"};
  auto rows = select.query(watermark);
  while (rows.next()) {
    auto& sender = inboxes_[rows.number(2)];
    sender = std::max(sender, rows.number(4));
    auto& recipient = inboxes_[rows.number(3)];
    recipient = std::max(recipient, rows.number(5));
    const auto n = rows.number(1);
    auto& conversation = conversations_[rows.number(0)];
    if (n <= conversation.n)
      continue;
    const auto sent = rows.number(6);
    conversation.n = n;
    conversation.sent =
        rows.integer(8) != 0 ? std::array{sent, n - sent} : std::array{n - sent, sent};
    conversation.ts = rows.integer(7);
  }
}

void sqlite_export::each_user(const std::function<void(const moved_user&)>& take) {
  statement select{source_, "SELECT id, project, user, head, delivered, plain FROM users "
                            "ORDER BY id"};
  auto rows = select.query();
  while (rows.next()) {
    moved_user one{rows.number(0), key_in(rows, 1, 2), rows.number(3), rows.number(4),
                   rows.number(5)};
    if (const auto end = inboxes_.find(one.id); end != inboxes_.end())
      one.head = std::max(one.head, end->second);
    take(one);
  }
}

void sqlite_export::each_conversation(const std::function<void(const moved_conversation&)>& take) {
  statement select{source_, "SELECT id, low, high, head, low_sent, high_sent, last_ts, low_read, "
                            "high_read, low_delivered, high_delivered FROM conversations "
                            "ORDER BY id"};
  auto rows = select.query();
  while (rows.next()) {
    moved_conversation one{rows.number(0),
                           {rows.number(1), rows.number(2)},
                           rows.number(3),
                           {rows.number(4), rows.number(5)},
                           rows.integer(6),
                           {rows.number(7), rows.number(8)},
                           {rows.number(9), rows.number(10)}};
    if (const auto end = conversations_.find(one.id);
        end != conversations_.end() && end->second.n > one.head) {
      one.head = end->second.n;
      one.sent = end->second.sent;
      one.last_ts = end->second.ts;
    }
    take(one);
  }
}

void sqlite_export::each_message(const std::function<void(const moved_message&)>& take) {
  statement select{source_, "SELECT conversation, sender, recipient, pos, n, from_seq, to_seq, ts, "
                            "sent, cid, name, color, text FROM log ORDER BY pos"};
  auto rows = select.query();
  while (rows.next())
    take({rows.number(0),
          rows.number(1),
          rows.number(2),
          {rows.number(3), rows.number(4), rows.number(5), rows.number(6), rows.integer(7)},
          rows.number(8),
          rows.is_null(9) ? std::nullopt : std::optional{std::string{rows.text(9)}},
          std::string{rows.text(10)},
          std::string{rows.text(11)},
          std::string{rows.text(12)}});
}

void sqlite_export::each_profile(const std::function<void(const moved_profile&)>& take) {
  if (what_.profiles == 0)
    return;
  statement select{source_, "SELECT project, user, name, color FROM profiles"};
  auto rows = select.query();
  while (rows.next())
    take({key_in(rows, 0, 1), {std::string{rows.text(2)}, std::string{rows.text(3)}}});
}

} // namespace klatch::store
