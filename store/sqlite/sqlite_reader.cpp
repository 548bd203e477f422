#include "store/sqlite/sqlite_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace klatch::store {

namespace {

/// Numbers are bound as signed ones.
constexpr std::uint64_t no_bound = INT64_MAX;

std::string messages_by(const char* index, const char* condition) {
  return std::string{"SELECT "}
             .append(message_columns)
             .append(" FROM ")
             .append(index)
             .append(" i JOIN log l ON l.pos=i.pos WHERE ") +
         condition;
}

/// The positions of the entries [begin, end) as far as the list has them.
std::vector<std::uint64_t> slice(const tail_list& list, std::uint64_t begin, std::uint64_t end) {
  const auto from = std::max(begin, list.first);
  const auto to = std::min(end, list.first + list.positions.size());
  if (from >= to)
    return {};
  const auto start = list.positions.begin() + static_cast<std::ptrdiff_t>(from - list.first);
  return {start, start + static_cast<std::ptrdiff_t>(to - from)};
}

/// One more than a page may have, so that it is known whether there is more.
std::uint64_t reach(bound limit) {
  return std::clamp<std::uint64_t>(limit.entries, 1, 1U << 30U) + 1;
}

} // namespace

sqlite_reader::sqlite_reader(const std::filesystem::path& file, const char* vfs, live_state& live,
                             const file_watch& watch, const generations& starts)
    : source_(file, database::access::read_only, vfs), live_(live), watch_(watch), starts_(starts),
      messages_(source_), conversations_(source_, live, messages_), profiles_(source_),
      user_by_name_(source_, "SELECT id, head, delivered, plain FROM users "
                             "WHERE project=? AND user=?"),
      any_user_of_project_(source_, "SELECT 1 FROM users WHERE project=? LIMIT 1"),
      conversation_by_name_(source_, "SELECT id FROM conversations WHERE low=? AND high=?"),
      first_of_inbox_(source_, "SELECT seq FROM inbox WHERE user=? ORDER BY seq LIMIT 1"),
      inbox_at_(source_, "SELECT pos FROM inbox WHERE user=? AND seq=?"),
      first_of_log_(source_, "SELECT pos FROM log ORDER BY pos LIMIT 1"),
      inbox_after_(source_, messages_by("inbox", "i.user=? AND i.seq>? AND i.seq<? "
                                                 "ORDER BY i.seq")),
      thread_after_(source_, messages_by("thread", "i.conversation=? AND i.n>? AND i.n<? "
                                                   "ORDER BY i.n")),
      thread_before_(source_, messages_by("thread", "i.conversation=? AND i.n<? "
                                                    "ORDER BY i.n DESC")) {}

// -- who ------------------------------------------------------------------------------------------

std::optional<row_id> sqlite_reader::find_user(const user_key& user) {
  {
    const std::lock_guard guard{live_.mutex};
    if (const auto* record = live_.users.find(user_name{user.project, user.user}))
      return record->id;
  }
  auto row = user_by_name_.query(user.project.str(), user.user.str());
  return row.next() ? std::optional{row.number(0)} : std::nullopt;
}

// -- inboxes --------------------------------------------------------------------------------------

inbox_state sqlite_reader::inbox(const user_key& user) {
  watch_.require_present();
  std::optional<row_id> id;
  inbox_state result;
  auto tail_first = no_bound;
  {
    const std::lock_guard guard{live_.mutex};
    if (const auto* record = live_.users.find(user_name{user.project, user.user})) {
      id = record->id;
      result = {record->head, 1, record->delivered, record->legacy_delivered};
      if (!record->tail.empty())
        tail_first = record->tail.first;
    }
  }
  if (!id) {
    auto row = user_by_name_.query(user.project.str(), user.user.str());
    if (!row.next())
      return result;
    id = row.number(0);
    result = {row.number(1), 1, row.number(2), row.number(3)};
  }
  auto row = first_of_inbox_.query(*id);
  const auto indexed_first = row.next() ? row.number(0) : no_bound;
  result.floor = std::min({indexed_first, tail_first, result.head + 1});
  return result;
}

bool sqlite_reader::knows_project(const project_id& project) {
  watch_.require_present();
  return any_user_of_project_.query(project.str()).next();
}

std::optional<std::uint64_t> sqlite_reader::position_of(row_id user, std::uint64_t seq) {
  {
    const std::lock_guard guard{live_.mutex};
    if (const auto* record = live_.users.find(user); record != nullptr && record->tail.has(seq))
      return record->tail.at(seq);
  }
  auto row = inbox_at_.query(user, seq);
  return row.next() ? std::optional{row.number(0)} : std::nullopt;
}

bool sqlite_reader::continues(const user_key& user, std::string_view epoch, std::uint64_t since) {
  watch_.require_present();
  const auto known = starts_.known_up_to(epoch);
  if (!known || since >= no_bound)
    return false;
  if (since == 0 || *known == no_bound)
    return true;
  const auto id = find_user(user);
  if (!id)
    return false;
  if (const auto pos = position_of(*id, since))
    return *pos <= *known;
  // It has been forgotten, and with it all that is older.
  auto first = first_of_log_.query();
  return first.next() && first.number(0) <= *known + 1;
}

inbox_page sqlite_reader::read_inbox(const user_key& user, std::uint64_t after, bound limit) {
  watch_.require_present();
  inbox_page page;
  const auto id = find_user(user);
  if (!id || after >= no_bound)
    return page;
  tail_part tail;
  {
    const std::lock_guard guard{live_.mutex};
    if (const auto* record = live_.users.find(*id); record != nullptr && !record->tail.empty()) {
      tail.first = record->tail.first;
      const auto begin = std::max(after + 1, tail.first);
      tail.positions = slice(record->tail, begin, begin + reach(limit));
    }
  }
  const transaction snapshot{source_, transaction::kind::read};
  page_budget budget{limit};
  const auto add = [&](stored_message what) {
    const auto seq = what.content.from == user.user ? what.numbers.from_seq : what.numbers.to_seq;
    page.entries.push_back({seq, std::move(what)});
  };
  page.more = messages_.add_all(inbox_after_.query(*id, after, tail.first), budget, add) ||
              messages_.add_all(tail.positions, budget, add);
  return page;
}

// -- conversations --------------------------------------------------------------------------------

conversation_page sqlite_reader::read_conversation(const project_id& project,
                                                   const conversation_id& which, range wanted,
                                                   bound limit) {
  watch_.require_present();
  const auto one = find_user({project, which.low()});
  const auto other = one ? find_user({project, which.high()}) : std::nullopt;
  if (!other)
    return {};
  const conversation_name name{std::min(*one, *other), std::max(*one, *other)};
  const auto before = std::min(wanted.before.value_or(no_bound), no_bound);
  const auto after = std::min(wanted.after.value_or(0), no_bound - 1);
  row_id conversation = 0;
  tail_part tail;
  {
    const std::lock_guard guard{live_.mutex};
    if (const auto* record = live_.conversations.find(name)) {
      conversation = record->id;
      if (!record->tail.empty()) {
        tail.first = record->tail.first;
        const auto end = std::min(before, record->head.n + 1);
        const auto begin =
            wanted.after ? std::max(after + 1, tail.first) : end - std::min(end, reach(limit));
        tail.positions =
            slice(record->tail, begin, wanted.after ? std::min(end, begin + reach(limit)) : end);
      }
    }
  }
  const transaction snapshot{source_, transaction::kind::read};
  if (conversation == 0) {
    auto row = conversation_by_name_.query(name.low, name.high);
    if (!row.next())
      return {};
    conversation = row.number(0);
  }
  return wanted.after ? read_forward(conversation, tail, after, before, limit)
                      : read_backward(conversation, tail, before, limit);
}

conversation_page sqlite_reader::read_forward(row_id conversation, const tail_part& tail,
                                              std::uint64_t after, std::uint64_t before,
                                              bound limit) {
  conversation_page page;
  page_budget budget{limit};
  const auto add = [&](stored_message what) { page.messages.push_back(std::move(what)); };
  const auto end = std::min(before, tail.first);
  page.more = messages_.add_all(thread_after_.query(conversation, after, end), budget, add) ||
              messages_.add_all(tail.positions, budget, add);
  return page;
}

conversation_page sqlite_reader::read_backward(row_id conversation, const tail_part& tail,
                                               std::uint64_t before, bound limit) {
  conversation_page page;
  page_budget budget{limit};
  const auto add = [&](stored_message what) { page.messages.push_back(std::move(what)); };
  const std::vector<std::uint64_t> newest_first{tail.positions.rbegin(), tail.positions.rend()};
  const auto end = std::min(before, tail.first);
  page.more = messages_.add_all(newest_first, budget, add) ||
              messages_.add_all(thread_before_.query(conversation, end), budget, add);
  std::reverse(page.messages.begin(), page.messages.end());
  return page;
}

conversations_page sqlite_reader::read_conversations(const user_key& user,
                                                     std::optional<std::uint64_t> before,
                                                     bound limit) {
  watch_.require_present();
  const auto id = find_user(user);
  auto page = id ? conversations_.read(*id, before, limit) : conversations_page{};
  for (auto& each : page.conversations)
    each.peer = find_profile(live_, profiles_, {user.project, each.with});
  return page;
}

} // namespace klatch::store
