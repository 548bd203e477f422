// What the page of 2015 is sent.
#include "tests/simulation/model/model.hpp"

#include <map>
#include <set>
#include <string>

namespace klatch::simulation {

namespace {

/// Is what was known to be delivered, and when, kept over all that happens in the run?
bool deliveries_are_kept(const model& of) {
  const auto& chosen = of.chosen;
  return !of.disk_has_failed && !of.put_back && is_quick(chosen) && chosen.marks_may_wait > 100 &&
         !chosen.has(fault::power_fails) && !chosen.has(fault::killed_then_power_fails) &&
         !chosen.has(fault::archive_dies) && !chosen.has(fault::folder_away);
}

/// The entry that a message is of its reader's inbox.
std::uint64_t entry_of(const model& of, const user& reader, message_number which) {
  const auto& message = of.book.messages[which];
  return message.from == &reader ? message.from_seq : message.to_seq;
}

/// Would a plain client be sent it, that has not written it?
bool is_for_plain(const model& of, const user& reader, message_number which) {
  return of.book.messages[which].to == &reader && of.book.messages[which].from != &reader;
}

/// It may have been taken for what had its number and was lost.
bool is_numbered_twice(const model& of, const user& reader, std::uint64_t seq) {
  const auto found = of.numbered_twice.find(&reader);
  return found != of.numbered_twice.end() && seq <= found->second;
}

void check_log(const model& of, const model::plain_log& log) {
  const auto who = "a plain client of " + log.who->name();
  std::uint64_t before = 0;
  for (const auto which : log.received) {
    const auto seq = entry_of(of, *log.who, which);
    if (seq == 0)
      throw failure{who + " was sent message " + std::to_string(which) + ", which is not stored"};
    if (seq <= before)
      throw failure{who + " was sent messages out of order"};
    for (auto between = before + 1; before != 0 && between < seq; ++between)
      if (const auto left = of.book.entry(*log.who, between);
          left && is_for_plain(of, *log.who, *left))
        throw failure{who + " was not sent message " + std::to_string(*left)};
    if (before == 0 && seq <= log.delivered_before && deliveries_are_kept(of))
      throw failure{who + " was sent message " + std::to_string(which) +
                    " again, though it was known to be delivered"};
    before = seq;
  }
}

} // namespace

void check_plain(model& of, const device_state& by, const frame_view& frame) {
  if (!by.plain)
    return;
  const auto type = frame.type();
  if (type != "system" && type != "usermsg")
    throw failure{by.name() + ", which is plain, is sent a " + std::string{type}};
  if (type == "usermsg" && of.chosen.store != store_kind::none) {
    if (!by.online)
      throw failure{by.name() + " is sent a message before its registration is confirmed"};
    of.read_message(by, frame, false, "usermsg");
  }
}

void check_plain_logs(model& of) {
  if (of.chosen.store == store_kind::none)
    return;
  auto logs = of.plain_logs;
  std::set<const user*> plain_users;
  for (const auto* each : of.devices)
    if (each->plain && each->online) {
      plain_users.insert(each->who);
      logs.push_back({each->who, each->taken_at_start, each->received, of.is_void(*each)});
    }
  std::map<const user*, std::set<message_number>> had;
  for (const auto& log : logs) {
    if (!log.void_in_part)
      check_log(of, log);
    had[log.who].insert(log.received.begin(), log.received.end());
  }
  for (const auto& [key, which] : of.book.inboxes())
    if (plain_users.contains(key.first) && is_for_plain(of, *key.first, which) &&
        !had[key.first].contains(which) && !is_numbered_twice(of, *key.first, key.second))
      throw failure{"no plain client of " + key.first->name() + " was ever sent message " +
                    std::to_string(which)};
}

} // namespace klatch::simulation
