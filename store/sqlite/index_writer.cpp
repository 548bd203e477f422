#include "store/sqlite/index_writer.hpp"

#include <algorithm>

namespace klatch::store {

namespace {

using namespace std::string_view_literals;

/// Rows that are written, or records that are dropped, between two looks at the clock.
constexpr std::size_t rows_a_look = 32;

/// Rows of one sender that are sorted at a time.
constexpr std::size_t cids_a_look = 128;

} // namespace

index_writer::index_writer(database& target, live_state& live, tail_cids& cids)
    : target_(target), live_(live), cids_(cids),
      set_meta_(target, "UPDATE meta SET value=?2 WHERE key=?1"),
      insert_inbox_(target, "INSERT OR REPLACE INTO inbox VALUES(?,?,?)"),
      insert_thread_(target, "INSERT OR REPLACE INTO thread VALUES(?,?,?)"),
      insert_cid_(target, "INSERT OR REPLACE INTO cids VALUES(?,?,?)"),
      delete_recent_(target, "DELETE FROM recent WHERE user=? AND last_pos=?"),
      insert_recent_(target, "INSERT OR REPLACE INTO recent VALUES(?,?,?)"),
      update_conversation_(target, "UPDATE conversations SET head=?2, low_sent=?3, high_sent=?4, "
                                   "last_ts=?5, last_pos=?6 WHERE id=?1"),
      update_user_(target, "UPDATE users SET head=?2 WHERE id=?1") {}

void index_writer::begin(std::uint64_t pos) noexcept {
  through_ = pos;
  at_ = {phase::announce};
}

void index_writer::step(std::chrono::microseconds slice, const clock& time) {
  const auto end = time.steady() + slice;
  const auto in_time = [&] { return time.steady() < end; };
  if (!dropping()) {
    const auto begin = at_;
    try {
      transaction chunk{target_, transaction::kind::write};
      do
        write_some();
      while (!dropping() && in_time());
      chunk.commit();
    } catch (...) {
      // Of a record that was half done all is written again.
      at_ = {begin.now, begin.key, 0};
      indexed_.clear();
      throw;
    }
    publish();
  }
  // However short the time, the round goes on.
  if (dropping())
    do
      drop_some();
    while (dropping() && in_time());
}

void index_writer::write_some() {
  switch (at_.now) {
  case phase::announce:
    set_meta_.run("flushing"sv, through_);
    return next_phase();
  case phase::inbox:
    return walk(users_, [&](const auto& user) { return write_entries(insert_inbox_, user); });
  case phase::thread:
    return walk(conversations_, [&](const auto& conversation) {
      return write_entries(insert_thread_, conversation);
    });
  case phase::cids:
    return walk(users_, [&](const auto& user) { return write_cids(user); });
  case phase::recent:
    return walk(users_, [&](const auto& user) { return write_recent(user); });
  case phase::conversations:
    return walk(conversations_, [&](auto& conversation) { return write_head(conversation); });
  case phase::users:
    return walk(users_, [&](const auto& user) { return write_head(user); });
  case phase::watermark:
    set_meta_.run("watermark"sv, through_);
    return next_phase();
  case phase::idle:
  case phase::drop_users:
  case phase::drop_conversations:
  case phase::drop_messages:
    return;
  }
}

void index_writer::drop_some() {
  if (at_.now == phase::drop_users)
    drop(users_);
  else if (at_.now == phase::drop_conversations)
    drop(conversations_);
  else
    drop_messages();
}

void index_writer::next_phase() noexcept {
  at_ = {at_.now == phase::drop_messages ? phase::idle
                                         : static_cast<phase>(static_cast<int>(at_.now) + 1)};
}

/// Has `write` do a part of the next record, which answers whether that was the last one.
template<class Record, class Write>
void index_writer::walk(std::map<row_id, Record*>& records, Write write) {
  const auto found = records.lower_bound(at_.key);
  if (found == records.end())
    return next_phase();
  if (found->first != at_.key)
    at_ = {at_.now, found->first, 0};
  if (write(*found->second))
    at_ = {at_.now, found->first + 1, 0};
}

template<class Record>
bool index_writer::write_entries(statement& insert, const Record& record) {
  const auto count = record.tail.count_through(through_);
  const auto end = std::min(count, at_.offset + rows_a_look);
  for (; at_.offset < end; ++at_.offset)
    insert.run(record.id, record.tail.first + at_.offset, record.tail.positions[at_.offset]);
  return end == count;
}

bool index_writer::write_cids(const user_record& user) {
  const auto count = user.tail.count_through(through_);
  sorted_cids_.clear();
  for (; at_.offset < count && sorted_cids_.size() < cids_a_look; ++at_.offset) {
    const auto pos = user.tail.positions[at_.offset];
    const auto& entry = live_.at(pos);
    if (entry.sender == user.id && entry.cid != nullptr)
      sorted_cids_.emplace_back(entry.cid, pos);
  }
  std::sort(sorted_cids_.begin(), sorted_cids_.end(),
            [](const auto& one, const auto& other) { return *one.first < *other.first; });
  for (const auto& [cid, pos] : sorted_cids_)
    insert_cid_.run(user.id, *cid, pos);
  return at_.offset == count;
}

/// The conversations of a user that the round has messages of, each with the last of them.
void index_writer::collect_recent(const user_record& user) {
  recent_.clear();
  const auto count = user.tail.count_through(through_);
  for (std::size_t index = 0; index < count; ++index)
    recent_.push_back(
        {user.tail.positions[index], live_.at(user.tail.positions[index]).conversation});
  std::sort(recent_.begin(), recent_.end(), [](const auto& one, const auto& other) {
    return one.conversation->id != other.conversation->id
               ? one.conversation->id < other.conversation->id
               : one.pos > other.pos;
  });
  const auto same = [](const auto& one, const auto& other) {
    return one.conversation == other.conversation;
  };
  recent_.erase(std::unique(recent_.begin(), recent_.end(), same), recent_.end());
  std::sort(recent_.begin(), recent_.end(),
            [](const auto& one, const auto& other) { return one.pos < other.pos; });
}

bool index_writer::write_recent(const user_record& user) {
  if (at_.offset == 0)
    collect_recent(user);
  const auto end = std::min(recent_.size(), at_.offset + rows_a_look);
  for (; at_.offset < end; ++at_.offset) {
    const auto& [pos, conversation] = recent_[at_.offset];
    if (conversation->indexed_last != 0 && conversation->indexed_last != pos)
      delete_recent_.run(user.id, conversation->indexed_last);
    insert_recent_.run(user.id, pos, conversation->id);
  }
  return end == recent_.size();
}

bool index_writer::write_head(conversation_record& conversation) {
  const auto count = conversation.tail.count_through(through_);
  if (count == 0)
    return true;
  const auto pos = conversation.tail.positions[count - 1];
  const auto& last = live_.at(pos);
  const auto side = conversation.side_of(last.sender);
  std::array<std::uint64_t, 2> sent{};
  sent.at(side) = last.sent;
  sent.at(1 - side) = last.n - last.sent;
  update_conversation_.run(conversation.id, last.n, sent[0], sent[1], last.ts, pos);
  indexed_.push_back({pos, &conversation});
  return true;
}

bool index_writer::write_head(const user_record& user) {
  if (const auto count = user.tail.count_through(through_); count != 0)
    update_user_.run(user.id, user.tail.first + count - 1);
  return true;
}

/// Tells the readers what the step has written.
void index_writer::publish() {
  const std::lock_guard guard{live_.mutex};
  ++live_.version;
  for (const auto& [pos, conversation] : indexed_)
    conversation->indexed_last = pos;
  indexed_.clear();
}

// -- the tail -------------------------------------------------------------------------------------

template<class Record>
void index_writer::drop(std::map<row_id, Record*>& records) {
  auto each = records.lower_bound(at_.key);
  const std::lock_guard guard{live_.mutex};
  ++live_.version;
  for (std::size_t count = 0; count < rows_a_look && each != records.end(); ++count) {
    auto& tail = each->second->tail;
    tail.drop_through(through_);
    each = tail.empty() ? records.erase(each) : std::next(each);
  }
  if (each == records.end())
    next_phase();
  else
    at_.key = each->first;
}

void index_writer::drop_messages() {
  const auto end = std::min(through_ + 1, live_.tail_first + rows_a_look);
  for (auto pos = live_.tail_first; pos < end; ++pos)
    if (const auto& gone = live_.at(pos); gone.cid != nullptr)
      cids_.erase(gone.sender, *gone.cid);
  const std::lock_guard guard{live_.mutex};
  ++live_.version;
  live_.tail.erase(live_.tail.begin(),
                   live_.tail.begin() + static_cast<std::ptrdiff_t>(end - live_.tail_first));
  live_.tail_first = end;
  if (end > through_)
    next_phase();
}

} // namespace klatch::store
