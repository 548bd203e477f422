#include "store/sqlite/mark_writer.hpp"

#include <algorithm>
#include <utility>

namespace klatch::store {

mark_writer::mark_writer(database& target, live_state& live, registry& known)
    : live_(live), known_(known),
      arrivals_(target, "SELECT i.seq, l.sender, l.conversation, l.n "
                        "FROM inbox i JOIN log l ON l.pos=i.pos "
                        "WHERE i.user=? AND i.seq>? AND i.seq<=? ORDER BY i.seq LIMIT ?"),
      update_user_(target, "UPDATE users SET delivered=?2, plain=?3 WHERE id=?1"),
      update_conversation_(target, "UPDATE conversations SET low_read=?2, high_read=?3, "
                                   "low_delivered=?4, high_delivered=?5 WHERE id=?1") {}

// -- setting --------------------------------------------------------------------------------------

std::optional<std::uint64_t> mark_writer::mark_read(const user_key& reader,
                                                    const conversation_id& in, std::uint64_t n) {
  if (!in.has(reader.user))
    return std::nullopt;
  const auto* own = known_.find_user(reader.project, reader.user);
  const auto* other =
      own == nullptr ? nullptr : known_.find_user(reader.project, in.peer_of(reader.user));
  auto* conversation = other == nullptr ? nullptr : known_.find_conversation(*own, *other);
  if (conversation == nullptr)
    return std::nullopt;
  auto& mark = conversation->read.at(conversation->side_of(own->id));
  const auto reached = std::min(n, conversation->head.n);
  if (reached <= mark)
    return std::nullopt;
  touch(*conversation);
  const std::lock_guard guard{live_.mutex};
  mark = reached;
  return reached;
}

void mark_writer::mark_legacy_delivered(const user_key& user, std::uint64_t seq) {
  auto* record = known_.find_user(user.project, user.user);
  if (record == nullptr)
    return;
  const auto reached = std::min(seq, record->head);
  if (reached <= record->legacy_delivered)
    return;
  touch(*record);
  const std::lock_guard guard{live_.mutex};
  record->legacy_delivered = reached;
}

delivery_step mark_writer::mark_delivered(const user_key& user, std::uint64_t seq,
                                          std::size_t limit) {
  delivery_step result;
  auto* record = known_.find_user(user.project, user.user);
  if (record == nullptr)
    return result;
  const auto goal = std::min(seq, record->head);
  if (goal <= record->delivered)
    return result;
  const auto entries = arrivals(*record, record->delivered, goal, limit);
  add_senders(*record, entries, result.senders);
  result.more = entries.size() >= limit && (entries.empty() || entries.back().seq < goal);
  const auto reached = result.more && !entries.empty() ? entries.back().seq
                       : result.more                   ? record->delivered
                                                       : goal;
  touch(*record);
  const std::lock_guard guard{live_.mutex};
  record->delivered = reached;
  return result;
}

/// Entries of the inbox from behind `after` on, without those that have been forgotten.
std::vector<mark_writer::arrival> mark_writer::arrivals(const user_record& user,
                                                        std::uint64_t after, std::uint64_t through,
                                                        std::size_t limit) {
  std::vector<arrival> result;
  const auto tail_first = user.tail.empty() ? user.head + 1 : user.tail.first;
  if (after + 1 < tail_first) {
    auto rows = arrivals_.query(user.id, after, std::min(through, tail_first - 1),
                                static_cast<std::uint64_t>(limit));
    while (rows.next())
      result.push_back({rows.number(0), rows.number(1), rows.number(2), rows.number(3)});
  }
  for (auto seq = std::max(after + 1, tail_first); seq <= through && result.size() < limit; ++seq) {
    const auto& entry = live_.at(user.tail.at(seq));
    result.push_back({seq, entry.sender, entry.conversation->id, entry.n});
  }
  return result;
}

/// Raises the marks in the conversations that the user has got messages in.
void mark_writer::add_senders(const user_record& user, const std::vector<arrival>& entries,
                              std::vector<progress>& senders) {
  for (auto each = entries.rbegin(); each != entries.rend(); // NOLINT(modernize-loop-convert)
       ++each) {
    auto& conversation = known_.conversation(each->conversation);
    // What one has written to others is in the inbox too.
    if (each->sender == user.id && conversation.low != conversation.high)
      continue;
    auto& mark = conversation.delivered.at(conversation.side_of(user.id));
    if (each->n <= mark)
      continue;
    touch(conversation);
    senders.push_back({known_.user(each->sender).key.user, each->n});
    const std::lock_guard guard{live_.mutex};
    mark = each->n;
  }
  std::reverse(senders.begin(), senders.end());
}

// -- writing --------------------------------------------------------------------------------------

void mark_writer::touch(user_record& user) {
  if (!std::exchange(user.dirty, true))
    users_.push_back(&user);
}

void mark_writer::touch(conversation_record& conversation) {
  if (!std::exchange(conversation.dirty, true))
    conversations_.push_back(&conversation);
}

std::optional<std::chrono::milliseconds>
mark_writer::wait(time_point now, std::chrono::milliseconds interval) const {
  if (users_.empty() && conversations_.empty())
    return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(written_ + interval - now);
  return std::max(left, std::chrono::milliseconds::zero());
}

void mark_writer::save() {
  for (const auto* each : users_)
    update_user_.run(each->id, each->delivered, each->legacy_delivered);
  for (const auto* each : conversations_)
    update_conversation_.run(each->id, each->read[0], each->read[1], each->delivered[0],
                             each->delivered[1]);
}

void mark_writer::publish(time_point now) noexcept {
  for (auto* each : users_)
    each->dirty = false;
  for (auto* each : conversations_)
    each->dirty = false;
  users_.clear();
  conversations_.clear();
  written_ = now;
}

} // namespace klatch::store
