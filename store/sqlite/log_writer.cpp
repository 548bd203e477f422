#include "store/sqlite/log_writer.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace klatch::store {

namespace {

/// The head after one more message by `side`, at `now` or later.
conversation_head advanced(conversation_head head, std::size_t side, std::int64_t now) {
  ++head.n;
  ++head.sent.at(side);
  head.ts = std::max(head.ts, now);
  return head;
}

message_numbers numbers_of(const tail_entry& entry, std::uint64_t pos) {
  return {pos, entry.n, entry.from_seq, entry.to_seq, entry.ts};
}

} // namespace

log_writer::log_writer(database& target, live_state& live, tail_cids& cids, registry& known,
                       index_writer& indexes)
    : live_(live), cids_(cids), known_(known), indexes_(indexes),
      insert_(target, "INSERT INTO log(pos, conversation, n, sender, recipient, from_seq, to_seq, "
                      "sent, ts, cid, name, color, text) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      find_cid_(target, "SELECT l.pos, l.n, l.from_seq, l.to_seq, l.ts FROM cids c "
                        "JOIN log l ON l.pos=c.pos WHERE c.sender=? AND c.cid=?"),
      tail_after_(target, "SELECT pos, conversation, n, sender, recipient, from_seq, to_seq, sent, "
                          "ts, cid FROM log WHERE pos>? ORDER BY pos") {}

// -- at start -------------------------------------------------------------------------------------

void log_writer::load_tail(std::uint64_t watermark) {
  live_.tail_first = watermark + 1;
  auto rows = tail_after_.query(watermark);
  while (rows.next())
    load_entry(rows);
}

void log_writer::load_entry(cursor& row) {
  const auto pos = row.number(0);
  if (pos != live_.last_pos() + 1)
    throw database_error::damaged("message " + std::to_string(live_.last_pos() + 1) +
                                  " is missing");
  auto& conversation = known_.conversation(row.number(1));
  auto& sender = known_.user(row.number(3));
  auto& recipient = known_.user(row.number(4));
  const std::lock_guard guard{live_.mutex};
  tail_entry entry{&conversation, sender.id,     row.number(2),  row.number(5),
                   row.number(6), row.number(7), row.integer(8), nullptr};
  if (!row.is_null(9))
    entry.cid = cids_.add(sender.id, std::string{row.text(9)}, pos);
  // The heads may have been written further than the watermark says.
  const auto side = conversation.side_of(sender.id);
  auto& head = conversation.next_head;
  head.n = std::max(head.n, entry.n);
  head.sent.at(side) = std::max(head.sent.at(side), entry.sent);
  head.ts = std::max(head.ts, entry.ts);
  sender.next_head = std::max(sender.next_head, entry.from_seq);
  recipient.next_head = std::max(recipient.next_head, entry.to_seq);
  add_to_tail(entry, sender, recipient);
}

// -- a batch --------------------------------------------------------------------------------------

std::vector<outcome> log_writer::plan(std::span<const operation> batch, std::int64_t now) {
  assert(planned_.empty());
  std::vector<outcome> result;
  result.reserve(batch.size());
  for (std::size_t index = 0; index < batch.size(); ++index)
    result.push_back(
        std::visit([&](const auto& each) { return plan_one(each, index, now); }, batch[index]));
  return result;
}

outcome log_writer::plan_one(const new_message& message, std::size_t index, std::int64_t now) {
  const auto& one = message.content;
  if (!one.conversation.has(one.from))
    return outcome::refuses(error_code::forbidden);
  if (message.only_in_answer)
    if (auto refused = refuse_unanswered(one))
      return *std::move(refused);
  auto& sender = known_.user(one.project, one.from);
  if (!one.cid.empty())
    if (const auto first = find_repeated(sender, one.cid))
      return outcome::repeats(*first);

  auto& recipient = known_.user(one.project, one.to());
  auto& conversation = known_.conversation(sender, recipient);
  const auto pos = next_pos();
  const auto side = conversation.side_of(sender.id);
  const auto* cid = one.cid.empty() ? nullptr : cids_.add(sender.id, one.cid, pos);
  const auto head = conversation.next_head = advanced(conversation.next_head, side, now);
  const auto from_seq = ++sender.next_head;
  const auto to_seq = &recipient == &sender ? from_seq : ++recipient.next_head;
  const tail_entry entry{&conversation, sender.id,          head.n,  from_seq,
                         to_seq,        head.sent.at(side), head.ts, cid};
  planned_.push_back({index, &sender, &recipient, entry});
  assert(entry.n > 0 && from_seq > 0 && to_seq > 0);
  return outcome::stores(one, numbers_of(entry, pos));
}

/// Nobody is made known for it. What was stored once is repeated, whatever holds now.
std::optional<outcome> log_writer::refuse_unanswered(const message_content& one) {
  auto* const sender = known_.find_user(one.project, one.from);
  if (sender == nullptr)
    return outcome::refuses(error_code::forbidden);
  if (!one.cid.empty())
    if (const auto first = find_repeated(*sender, one.cid))
      return outcome::repeats(*first);
  auto* const recipient = known_.find_user(one.project, one.to());
  if (recipient == nullptr || recipient == sender)
    return outcome::refuses(error_code::forbidden);
  const auto* conversation = known_.find_conversation(*sender, *recipient);
  if (conversation == nullptr ||
      conversation->next_head.sent.at(conversation->side_of(recipient->id)) == 0)
    return outcome::refuses(error_code::forbidden);
  return std::nullopt;
}

std::optional<message_numbers> log_writer::find_repeated(const user_record& sender,
                                                         std::string_view cid) {
  if (const auto pos = cids_.find(sender.id, cid)) {
    const bool in_tail = *pos <= live_.last_pos();
    return numbers_of(in_tail ? live_.at(*pos) : planned_[*pos - live_.last_pos() - 1].entry, *pos);
  }
  if (sender.is_new)
    return std::nullopt;
  auto row = find_cid_.query(sender.id, cid);
  if (!row.next())
    return std::nullopt;
  return message_numbers{row.number(0), row.number(1), row.number(2), row.number(3),
                         row.integer(4)};
}

void log_writer::save(std::span<const operation> batch) {
  known_.save_new();
  auto pos = live_.last_pos();
  assert(planned_.size() <= batch.size());
  for (const auto& [index, sender, recipient, entry] : planned_) {
    const auto& one = std::get<new_message>(batch[index]).content;
    const auto cid = one.cid.empty() ? std::nullopt : std::optional<std::string_view>{one.cid};
    insert_.run(++pos, entry.conversation->id, entry.n, entry.sender, recipient->id, entry.from_seq,
                entry.to_seq, entry.sent, entry.ts, cid, one.name, one.color, one.text);
  }
}

void log_writer::publish() {
  known_.publish_new();
  const std::lock_guard guard{live_.mutex};
  ++live_.version;
  for (const auto& each : planned_)
    add_to_tail(each.entry, *each.sender, *each.recipient);
  planned_.clear();
}

void log_writer::undo() {
  for (const auto& [index, sender, recipient, entry] : planned_) {
    if (entry.cid != nullptr)
      cids_.erase(entry.sender, *entry.cid);
    entry.conversation->next_head = entry.conversation->head;
    sender->next_head = sender->head;
    recipient->next_head = recipient->head;
  }
  planned_.clear();
  known_.forget_new();
}

/// Under the mutex.
void log_writer::add_to_tail(const tail_entry& entry, user_record& sender, user_record& recipient) {
  auto& conversation = *entry.conversation;
  if (conversation.tail.empty())
    indexes_.add(conversation);
  if (sender.tail.empty())
    indexes_.add(sender);
  if (recipient.tail.empty())
    indexes_.add(recipient);
  live_.tail.push_back(entry);
  const auto pos = live_.last_pos();
  conversation.tail.push(entry.n, pos);
  conversation.head = conversation.next_head;
  sender.tail.push(entry.from_seq, pos);
  sender.head = sender.next_head;
  if (&recipient == &sender)
    return;
  recipient.tail.push(entry.to_seq, pos);
  recipient.head = recipient.next_head;
}

} // namespace klatch::store
