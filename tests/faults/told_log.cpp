#include "tests/faults/told_log.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace klatch::faults {

namespace {

constexpr std::size_t described_at_most = 4000;

told_log::user_pair in_order(const std::string& one, const std::string& other) {
  return one < other ? std::pair{one, other} : std::pair{other, one};
}

std::string numbered(std::string_view what, std::uint64_t number) {
  return std::string{what} + ' ' + std::to_string(number);
}

/// Fixed for all times and machines, unlike std::hash.
std::size_t mixed(const std::string& cid) {
  std::uint32_t result = 2166136261U;
  for (const char each : cid)
    result = (result ^ static_cast<unsigned char>(each)) * 16777619U;
  return result >> 8U;
}

} // namespace

std::string text_of(const std::string& cid) {
  const auto mix = mixed(cid);
  // Mostly what people write; one in 64 fills a page or more of the store.
  const auto length = mix % 64 == 0 ? 3000 + mix % 3000 : mix % 150;
  return cid + ' ' + std::string(length, static_cast<char>('a' + mix % 26));
}

std::string cid_of(const std::string& text) { return text.substr(0, text.find(' ')); }

void told_log::wrong(std::uint64_t& counter, const std::string& what) {
  ++counter;
  if (description_.size() < described_at_most)
    description_.append(what).append("\n");
}

void told_log::agree(std::uint64_t& known, std::uint64_t told, const std::string& what) {
  if (told == 0)
    return wrong(found_.gaps, what + " is 0");
  if (known != 0 && known != told)
    return wrong(found_.twice,
                 what + " is " + std::to_string(told) + ", and was " + std::to_string(known));
  known = told;
}

void told_log::put(std::vector<std::string>& places, std::uint64_t number, const std::string& cid,
                   const std::string& what) {
  if (number == 0)
    return;
  if (places.size() < number)
    places.resize(number);
  auto& held = places[number - 1];
  if (!held.empty() && held != cid)
    return wrong(found_.changed, numbered(what, number) + " is " + cid + ", and was " + held);
  held = cid;
}

told_message& told_log::note(const std::string& from, const std::string& to, const std::string& cid,
                             const place& where) {
  auto& message = messages_[cid];
  if (!message.from.empty() && (message.from != from || message.to != to))
    wrong(found_.changed, cid + " is from " + from + " to " + to);
  message.from = from;
  message.to = to;
  agree(message.mid, where.mid, "the mid of " + cid);
  agree(message.n, where.n, "the n of " + cid);
  if (message.ts != 0 && message.ts != where.ts)
    wrong(found_.changed, "the ts of " + cid + " is another one");
  message.ts = where.ts;
  if (const auto& holder = mids_.try_emplace(where.mid, cid).first->second; holder != cid)
    wrong(found_.changed, numbered("mid", where.mid) + " is " + cid + ", and was " + holder);
  const auto users = in_order(from, to);
  put(conversations_[users], where.n, cid, "in " + users.first + " with " + users.second + " n");
  return message;
}

void told_log::acknowledged(const std::string& from, const std::string& to, const std::string& cid,
                            const place& where) {
  auto& message = note(from, to, cid, where);
  if (!message.acknowledged)
    ++acknowledgements_;
  message.acknowledged = true;
  agree(message.from_seq, where.seq, "the sender's seq of " + cid);
  put(inboxes_[from], where.seq, cid, "in the inbox of " + from + " seq");
}

void told_log::told(const std::string& user, const std::string& from, const std::string& to,
                    const std::string& text, const place& where) {
  const auto cid = cid_of(text);
  if (text != text_of(cid))
    wrong(found_.changed, "a text came changed: " + text.substr(0, 100));
  auto& message = note(from, to, cid, where);
  if (where.seq == 0)
    return;
  if (user == from)
    agree(message.from_seq, where.seq, "the sender's seq of " + cid);
  if (user == to)
    agree(message.to_seq, where.seq, "the recipient's seq of " + cid);
  put(inboxes_[user], where.seq, cid, "in the inbox of " + user + " seq");
}

void told_log::inbox_ends(const std::string& user, std::uint64_t head) {
  if (const auto known = inboxes_[user].size(); head < known)
    wrong(found_.lost,
          numbered("the inbox of " + user + " ends with", head) + numbered(", and had", known));
}

void told_log::conversation_ends(const std::string& one, const std::string& other,
                                 std::uint64_t n) {
  if (const auto known = conversations_[in_order(one, other)].size(); n < known)
    wrong(found_.lost, numbered("the conversation of " + one + " and " + other + " ends with", n) +
                           numbered(", and had", known));
}

void told_log::check_whole() {
  for (const auto& [user, cids] : inboxes_)
    if (const auto hole = std::find(cids.begin(), cids.end(), ""); hole != cids.end())
      gap(numbered("the inbox of " + user + " has no seq",
                   static_cast<std::uint64_t>(hole - cids.begin()) + 1));
  for (const auto& [users, cids] : conversations_)
    check_conversation(users, cids);
  for (const auto& [cid, message] : messages_)
    if (message.from_seq == 0 || (message.to_seq == 0 && message.to != message.from))
      lost(cid + " is in no inbox of " + (message.from_seq == 0 ? message.from : message.to));
}

void told_log::check_conversation(const user_pair& users, const std::vector<std::string>& cids) {
  const told_message* before = nullptr;
  for (std::size_t at = 0; at < cids.size(); ++at) {
    const auto where = users.first + " with " + users.second + numbered(" n", at + 1);
    if (cids[at].empty()) {
      gap(where + " is missing");
      continue;
    }
    const auto& message = messages_.at(cids[at]);
    if (before != nullptr && (message.ts < before->ts || message.mid <= before->mid))
      changed(where + ": ts or mid falls");
    before = &message;
  }
}

} // namespace klatch::faults
