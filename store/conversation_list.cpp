#include "store/conversation_list.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace klatch::store {

conversation_list::conversation_list(database& source, live_state& live, message_rows& messages)
    : live_(live), messages_(messages),
      recent_before_(source, "SELECT last_pos, conversation FROM recent "
                             "WHERE user=? AND last_pos<? ORDER BY last_pos DESC"),
      talk_by_id_(source, "SELECT low, high, low_sent, high_sent, low_read, high_read, "
                          "low_delivered, high_delivered, head, last_pos "
                          "FROM conversations WHERE id=?"),
      tally_by_n_(source, "SELECT l.n, l.sender, l.sent FROM thread t JOIN log l ON l.pos=t.pos "
                          "WHERE t.conversation=? AND t.n=?"),
      first_tally_(source, "SELECT l.n, l.sender, l.sent FROM thread t JOIN log l ON l.pos=t.pos "
                           "WHERE t.conversation=? ORDER BY t.n LIMIT 1") {}

conversations_page conversation_list::read(row_id user, std::optional<std::uint64_t> before,
                                           bound most) {
  conversations_page page;
  page_budget budget{most};
  // One more than may come tells whether there is more.
  for (const auto& each : newest(user, before, budget.entries() + 1)) {
    const auto talk = state_of(each.talk, user);
    auto last = talk ? messages_.at(talk->last) : std::nullopt;
    if (!last)
      continue; // its messages have been forgotten meanwhile
    if (page.more = !budget.take(last->text.size()); page.more)
      break;
    page.conversations.push_back(summarize(*talk, user, *std::move(last)));
  }
  return page;
}

// -- which
// -----------------------------------------------------------------------------------------

/// The conversations that the tail has messages of.
std::vector<conversation_list::listed> conversation_list::newest_of_tail(row_id user) {
  std::vector<listed> all;
  {
    const std::lock_guard guard{live_.mutex};
    if (const auto* record = live_.users.find(user))
      for (const auto pos : record->tail.positions)
        all.push_back({pos, live_.at(pos).talk->id});
  }
  std::unordered_set<row_id> seen;
  std::vector<listed> result;
  for (auto each = all.rbegin(); each != all.rend(); ++each) // NOLINT(modernize-loop-convert)
    if (seen.insert(each->talk).second)
      result.push_back(*each);
  return result;
}

std::vector<conversation_list::listed>
conversation_list::newest(row_id user, std::optional<std::uint64_t> before, std::size_t count) {
  const auto end = before.value_or(INT64_MAX);
  const auto tail = newest_of_tail(user);
  std::unordered_set<row_id> in_tail;
  std::vector<listed> result;
  for (const auto& each : tail) {
    in_tail.insert(each.talk);
    if (each.last < end)
      result.push_back(each);
  }
  // What the index says of a conversation of the tail is out of date.
  auto rows = recent_before_.query(user, std::min<std::uint64_t>(end, INT64_MAX));
  for (std::size_t found = 0; found < count && rows.next();)
    if (!in_tail.contains(rows.number(1))) {
      result.push_back({rows.number(0), rows.number(1)});
      ++found;
    }
  std::sort(result.begin(), result.end(),
            [](const auto& one, const auto& other) { return one.last > other.last; });
  result.resize(std::min(result.size(), count));
  return result;
}

// -- one of them
// -----------------------------------------------------------------------------------

std::optional<conversation_list::talk_state> conversation_list::live_state_of(row_id talk,
                                                                              row_id user) {
  const std::lock_guard guard{live_.mutex};
  const auto* record = live_.conversations.find(talk);
  if (record == nullptr)
    return std::nullopt;
  const auto tally_of = [&](std::uint64_t n) -> std::optional<tally> {
    if (!record->tail.has(n))
      return std::nullopt;
    const auto& entry = live_.at(record->tail.at(n));
    return tally{entry.n, entry.sender, entry.sent};
  };
  talk_state result{record->id,
                    record->low,
                    record->high,
                    record->head.sent,
                    record->read,
                    record->delivered,
                    record->head.n,
                    record->last_pos(),
                    {},
                    {}};
  result.tail_first = tally_of(record->tail.first);
  result.tail_at_mark = tally_of(record->read.at(record->side_of(user)));
  return result;
}

std::optional<conversation_list::talk_state> conversation_list::state_of(row_id talk, row_id user) {
  if (auto live = live_state_of(talk, user))
    return live;
  auto row = talk_by_id_.query(talk);
  if (!row.next())
    return std::nullopt;
  return talk_state{talk,
                    row.number(0),
                    row.number(1),
                    {row.number(2), row.number(3)},
                    {row.number(4), row.number(5)},
                    {row.number(6), row.number(7)},
                    row.number(8),
                    row.number(9),
                    {},
                    {}};
}

/// Nothing where the message has been forgotten.
std::optional<conversation_list::tally> conversation_list::tally_at(const talk_state& talk,
                                                                    std::uint64_t n) {
  if (talk.tail_at_mark)
    return talk.tail_at_mark;
  auto row = tally_by_n_.query(talk.id, n);
  return row.next() ? std::optional{tally{row.number(0), row.number(1), row.number(2)}}
                    : std::nullopt;
}

std::optional<conversation_list::tally> conversation_list::first_tally(const talk_state& talk) {
  auto row = first_tally_.query(talk.id);
  return row.next() ? std::optional{tally{row.number(0), row.number(1), row.number(2)}}
                    : talk.tail_first;
}

/// Messages of the other one beyond the user's mark that are still there.
std::uint64_t conversation_list::unread(const talk_state& talk, row_id user) {
  const auto with = user == talk.low ? talk.high : talk.low;
  const auto mark = talk.read.at(talk.side_of(user));
  if (mark >= talk.head)
    return 0;
  const auto total = talk.sent.at(talk.side_of(with));
  if (mark > 0)
    if (const auto read = tally_at(talk, mark))
      return total - (read->sender == with ? read->sent : read->n - read->sent);
  const auto first = first_tally(talk);
  if (!first)
    return 0;
  return total - (first->sender == with ? first->sent - 1 : first->n - first->sent);
}

conversation_summary conversation_list::summarize(const talk_state& talk, row_id user,
                                                  message last) {
  const auto with = user == talk.low ? talk.high : talk.low;
  const auto own = talk.side_of(user);
  const auto other = talk.side_of(with);
  return {messages_.user(with), std::move(last),     unread(talk, user),
          talk.read.at(own),    talk.read.at(other), talk.delivered.at(other)};
}

} // namespace klatch::store
