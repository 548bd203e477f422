#include "store/sqlite/conversation_list.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace klatch::store {

conversation_list::conversation_list(database& source, live_state& live, message_rows& messages)
    : source_(source), live_(live), messages_(messages),
      begin_moment_(source, "PRAGMA user_version"),
      recent_before_(source, "SELECT last_pos, conversation FROM recent "
                             "WHERE user=? AND last_pos<? ORDER BY last_pos DESC"),
      talk_by_id_(source, "SELECT low, high, low_read, high_read, low_delivered, high_delivered "
                          "FROM conversations WHERE id=?"),
      tally_by_pos_(source, "SELECT n, sender, sent FROM log WHERE pos=?"),
      tally_by_n_(source, "SELECT l.n, l.sender, l.sent FROM thread t JOIN log l ON l.pos=t.pos "
                          "WHERE t.conversation=? AND t.n=?"),
      first_tally_(source, "SELECT l.n, l.sender, l.sent FROM thread t JOIN log l ON l.pos=t.pos "
                           "WHERE t.conversation=? ORDER BY t.n LIMIT 1") {}

conversations_page conversation_list::read(row_id user, std::optional<std::uint64_t> before,
                                           bound limit) {
  conversations_page page;
  auto found = read_entries(user, before, limit);
  page.more = found.more;
  for (auto& each : found.newest_first)
    if (const auto conversation = state_of(each.conversation, user))
      page.conversations.push_back(summarize(*conversation, std::move(each), user));
  return page;
}

// -- which ----------------------------------------------------------------------------------------

conversation_list::entries
conversation_list::read_entries(row_id user, std::optional<std::uint64_t> before, bound limit) {
  entries result;
  page_budget budget{limit};
  std::optional<transaction> one_moment;
  const auto tail = begin_moment(one_moment, user);
  // One more than may come tells whether there is more.
  for (const auto& each : newest(tail, user, before, budget.entries() + 1)) {
    auto last = messages_.at(each.last);
    const auto head = tally_of(each.last);
    if (!last || !head)
      continue; // its messages have been forgotten
    if (result.more = !budget.take(last->content.text.size()); result.more)
      break;
    result.newest_first.push_back({each.conversation, *std::move(last), *head});
  }
  return result;
}

std::uint64_t conversation_list::version_of_tail() {
  const std::lock_guard guard{live_.mutex};
  return live_.version;
}

std::optional<std::vector<conversation_list::listed>>
conversation_list::positions_of_tail(row_id user, std::uint64_t version) {
  const std::lock_guard guard{live_.mutex};
  return live_.version == version ? std::optional{positions_of_tail(user)} : std::nullopt;
}

/// Under the mutex.
std::vector<conversation_list::listed> conversation_list::positions_of_tail(row_id user) const {
  std::vector<listed> all;
  if (const auto* record = live_.users.find(user)) {
    all.reserve(record->tail.positions.size());
    for (const auto pos : record->tail.positions)
      all.push_back({pos, live_.at(pos).conversation->id});
  }
  return all;
}

/// Nothing is shown to readers without a new version of the tail: where it is the same before the
/// state of the file begins and after, neither a message nor its way from the tail into the indexes
/// has come in between. Reading the file takes its time, and so the mutex is not held meanwhile,
/// unless the writer has been quicker very often.
std::vector<conversation_list::listed>
conversation_list::begin_moment(std::optional<transaction>& moment, row_id user) {
  constexpr int attempts = 100;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const auto version = version_of_tail();
    moment.emplace(source_, transaction::kind::read);
    begin_moment_.run();
    if (const auto tail = positions_of_tail(user, version))
      return newest_of(*tail);
  }
  const std::lock_guard guard{live_.mutex};
  moment.emplace(source_, transaction::kind::read);
  begin_moment_.run();
  return newest_of(positions_of_tail(user));
}

std::vector<conversation_list::listed>
conversation_list::newest_of(const std::vector<listed>& tail) {
  std::unordered_set<row_id> seen;
  std::vector<listed> result;
  for (auto each = tail.rbegin(); each != tail.rend(); ++each) // NOLINT(modernize-loop-convert)
    if (seen.insert(each->conversation).second)
      result.push_back(*each);
  return result;
}

std::vector<conversation_list::listed>
conversation_list::newest(const std::vector<listed>& tail, row_id user,
                          std::optional<std::uint64_t> before, std::size_t count) {
  const auto end = before.value_or(INT64_MAX);
  std::unordered_set<row_id> in_tail;
  std::vector<listed> result;
  for (const auto& each : tail) {
    in_tail.insert(each.conversation);
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

// -- one of them ----------------------------------------------------------------------------------

std::optional<conversation_list::conversation_state>
conversation_list::live_state_of(row_id conversation, row_id user) {
  const std::lock_guard guard{live_.mutex};
  const auto* record = live_.conversations.find(conversation);
  if (record == nullptr)
    return std::nullopt;
  const auto tally_in_tail = [&](std::uint64_t n) -> std::optional<tally> {
    if (!record->tail.has(n))
      return std::nullopt;
    const auto& in_tail = live_.at(record->tail.at(n));
    return tally{in_tail.n, in_tail.sender, in_tail.sent};
  };
  conversation_state result{record->id, record->low, record->high, record->read, record->delivered,
                            {},         {}};
  result.tail_first = tally_in_tail(record->tail.first);
  result.tail_at_mark = tally_in_tail(record->read.at(record->side_of(user)));
  return result;
}

std::optional<conversation_list::conversation_state>
conversation_list::state_of(row_id conversation, row_id user) {
  if (auto live = live_state_of(conversation, user))
    return live;
  auto row = talk_by_id_.query(conversation);
  if (!row.next())
    return std::nullopt;
  return conversation_state{conversation,
                            row.number(0),
                            row.number(1),
                            {row.number(2), row.number(3)},
                            {row.number(4), row.number(5)},
                            {},
                            {}};
}

namespace {

template<class Tally>
std::optional<Tally> tally_in(cursor row) {
  return row.next() ? std::optional{Tally{row.number(0), row.number(1), row.number(2)}}
                    : std::nullopt;
}

} // namespace

/// Nothing if the message has been forgotten.
std::optional<conversation_list::tally> conversation_list::tally_of(std::uint64_t pos) {
  return tally_in<tally>(tally_by_pos_.query(pos));
}

/// The same.
std::optional<conversation_list::tally>
conversation_list::tally_at(const conversation_state& conversation, std::uint64_t n) {
  return conversation.tail_at_mark ? conversation.tail_at_mark
                                   : tally_in<tally>(tally_by_n_.query(conversation.id, n));
}

std::optional<conversation_list::tally>
conversation_list::first_tally(const conversation_state& conversation) {
  const auto indexed = tally_in<tally>(first_tally_.query(conversation.id));
  return indexed ? indexed : conversation.tail_first;
}

/// Messages of the other one beyond the user's mark, up to `head`, that are still there.
std::uint64_t conversation_list::unread(const conversation_state& conversation, const tally& head,
                                        row_id user) {
  const auto with = user == conversation.low ? conversation.high : conversation.low;
  const auto mark = conversation.read.at(conversation.side_of(user));
  if (mark >= head.n)
    return 0;
  const auto total = head.sent_by(with);
  if (mark > 0)
    if (const auto read = tally_at(conversation, mark))
      return total - read->sent_by(with);
  const auto first = first_tally(conversation);
  if (!first)
    return 0;
  // All up to `head` may have been forgotten meanwhile.
  const auto before_first = first->sent_by(with) - (first->sender == with ? 1 : 0);
  return total - std::min(total, before_first);
}

conversation_summary conversation_list::summarize(const conversation_state& conversation, entry of,
                                                  row_id user) {
  const auto with = user == conversation.low ? conversation.high : conversation.low;
  const auto own = conversation.side_of(user);
  const auto other = conversation.side_of(with);
  const auto up_to_last = [&](std::uint64_t mark) { return std::min(mark, of.head.n); };
  const auto left = unread(conversation, of.head, user);
  return {messages_.user(with).user,
          std::move(of.last),
          left,
          up_to_last(conversation.read.at(own)),
          up_to_last(conversation.read.at(other)),
          up_to_last(conversation.delivered.at(other))};
}

} // namespace klatch::store
