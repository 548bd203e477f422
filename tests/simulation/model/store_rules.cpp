// What the store has, and what is so once everybody has been given time.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/model/model.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>

namespace klatch::simulation {

namespace {

user_key key_of(const user& who) {
  return {*project_id::parse(who.project_id()), *user_id::parse(who.id)};
}

/// Reads an inbox to its end. Returns its head.
std::uint64_t read_inbox(model& of, const user& who, store::message_reader& reader) {
  const auto key = key_of(who);
  const auto head = reader.inbox(key).head;
  std::uint64_t at = 0;
  while (at < head) {
    const auto page = reader.read_inbox(key, at, {500, 1UL << 20U});
    if (page.entries.empty())
      throw failure{"the inbox of " + who.name() + " ends at " + std::to_string(at) +
                    " instead of " + std::to_string(head)};
    for (const auto& [seq, what] : page.entries) {
      if (seq != ++at)
        throw failure{"the inbox of " + who.name() + " has a gap before " + std::to_string(seq)};
      const auto which = message_of(what.content.text);
      if (!which || *which >= of.book.messages.size() ||
          of.book.messages[*which].text(*which) != what.content.text)
        throw failure{"the inbox of " + who.name() + " has what nobody wrote"};
      of.book.learn_numbers(*which, what.numbers.mid, what.numbers.n, what.numbers.ts, "the store");
      of.book.learn_entry(who, seq, *which);
    }
  }
  return head;
}

void check_conversation_numbers(const model& of) {
  pair_of_users pair{};
  std::uint64_t n = 0;
  const sent_message* before = nullptr;
  for (const auto& [key, which] : of.book.conversations()) {
    const auto& [low, high, own_n] = key;
    const auto& message = of.book.messages[which];
    if (pair != pair_of_users{low, high}) {
      pair = {low, high};
      n = 0;
      before = nullptr;
    }
    const auto where = " in the conversation of " + low->name() + " and " + high->name();
    if (own_n != ++n)
      throw failure{"there is a gap before " + std::to_string(own_n) + where};
    if (before != nullptr && message.ts < before->ts)
      throw failure{"time falls at " + std::to_string(n) + where};
    if (before != nullptr && message.mid <= before->mid)
      throw failure{"the mid falls at " + std::to_string(n) + where};
    if (message.from_seq == 0 || (message.to_seq == 0 && message.from != message.to))
      throw failure{"message " + std::to_string(which) + " was told, and is not stored"};
    before = &message;
  }
}

/// What was sent once, on one connection to one user, keeps its order.
void check_order(const model& of) {
  std::map<std::pair<std::uint64_t, const user*>, message_number> last;
  for (message_number which = 0; which < of.book.messages.size(); ++which) {
    const auto& message = of.book.messages[which];
    if (message.transmissions != 1 || message.n == 0)
      continue;
    const auto [before, first] = last.try_emplace({message.first_link, message.to}, which);
    if (!first && message.n < of.book.messages[std::exchange(before->second, which)].n)
      throw failure{"messages of " + message.from->name() + " to " + message.to->name() +
                    " have changed their order: message " + std::to_string(which)};
  }
}

/// Who cannot be told whether a message was stored, and has not been told that it was not, has it
/// stored, unless the service has come to a sudden end.
void check_heard(const model& of) {
  constexpr std::array ends{fault::archive_dies,   fault::process_killed,
                            fault::power_fails,    fault::killed_then_power_fails,
                            fault::folder_emptied, fault::backup_put_back,
                            fault::shard_dies,     fault::node_killed};
  if (may_be_unavailable(of) || of.chosen.send_rate > 0 || of.disk_has_failed ||
      std::any_of(ends.begin(), ends.end(), [&](fault each) { return of.chosen.has(each); }))
    return;
  for (message_number which = 0; which < of.book.messages.size(); ++which) {
    const auto& message = of.book.messages[which];
    if (message.heard && message.from_seq == 0)
      throw failure{"message " + std::to_string(which) + " of " + message.from->name() +
                    " was taken, and is not stored"};
  }
}

} // namespace

std::uint64_t head_of(const user& who, store::message_reader& reader) {
  return reader.inbox(key_of(who)).head;
}

void check_store(model& of, store::message_reader& reader) {
  std::map<const user*, std::uint64_t> heads;
  for (const auto* each : of.users)
    heads[each] = read_inbox(of, *each, reader);
  for (const auto& [key, which] : of.book.inboxes())
    if (heads[key.first] < key.second)
      throw failure{"the inbox of " + key.first->name() + " ends at " +
                    std::to_string(heads[key.first]) + ", and entry " + std::to_string(key.second) +
                    " was told"};
  check_conversation_numbers(of);
  reached("the store is compared with what was told");
}

void check_rest(model& of, store::message_reader* reader) {
  if (reader == nullptr)
    return;
  check_store(of, *reader);
  for (const auto* each : of.devices) {
    if (each->plain || !each->online)
      continue;
    const auto head = head_of(*each->who, *reader);
    if (each->cursor != head)
      throw failure{each->name() + " is there, and has its inbox up to " +
                    std::to_string(each->cursor) + " of " + std::to_string(head)};
  }
  for (message_number which = 0; which < of.book.messages.size(); ++which)
    if (of.book.messages[which].acknowledged && of.book.messages[which].from_seq == 0)
      throw failure{"message " + std::to_string(which) + " was acknowledged and is lost"};
  check_heard(of);
  check_order(of);
  check_plain_logs(of);
}

} // namespace klatch::simulation
