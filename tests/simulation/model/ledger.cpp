#include "tests/simulation/model/ledger.hpp"

#include <algorithm>
#include <charconv>

namespace klatch::simulation {

namespace {

std::string numbers(std::uint64_t mid, std::uint64_t n, std::int64_t ts) {
  return std::to_string(mid) + ", " + std::to_string(n) + ", " + std::to_string(ts);
}

} // namespace

std::string sent_message::text(message_number own) const {
  auto result = std::to_string(own) + '|';
  if (result.size() < size)
    result.resize(size, static_cast<char>('a' + own % 26));
  return result;
}

std::optional<message_number> message_of(std::string_view text) {
  message_number result = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, result);
  if (parsed.ec != std::errc{} || parsed.ptr == end || *parsed.ptr != '|')
    return std::nullopt;
  return result;
}

pair_of_users conversation_of(const user* one, const user* other) {
  return one->number <= other->number ? pair_of_users{one, other} : pair_of_users{other, one};
}

message_number ledger::add(const user& from, const user& to, bool has_cid, std::size_t size) {
  messages.push_back({&from, &to, has_cid, size});
  return messages.size() - 1;
}

void ledger::learn_numbers(message_number which, std::uint64_t mid, std::uint64_t n,
                           std::int64_t ts, const std::string& how) {
  auto& message = messages[which];
  const auto what = "message " + std::to_string(which) + ", by " + how + ',';
  if (mid == 0 || n == 0)
    throw failure{what + " has no number"};
  if (message.mid != 0 && (message.mid != mid || message.n != n || message.ts != ts))
    throw failure{what + " had mid, n, ts " + numbers(message.mid, message.n, message.ts) +
                  " and has " + numbers(mid, n, ts)};
  message.mid = mid;
  message.n = n;
  message.ts = ts;
  const auto by_mid = mids_.try_emplace({message.from->project, mid}, which).first->second;
  if (by_mid != which)
    throw failure{what + " has the mid of message " + std::to_string(by_mid)};
  const auto [low, high] = conversation_of(message.from, message.to);
  const auto by_n = conversations_.try_emplace({low, high, n}, which).first->second;
  if (by_n != which)
    throw failure{what + " has the n of message " + std::to_string(by_n)};
}

void ledger::learn_entry(const user& of, std::uint64_t seq, message_number which) {
  auto& message = messages[which];
  if (&of != message.from && &of != message.to)
    throw failure{of.name() + " has message " + std::to_string(which) + ", which is others'"};
  const auto held = inboxes_.try_emplace({&of, seq}, which).first->second;
  if (held != which)
    throw failure{"entry " + std::to_string(seq) + " of " + of.name() + " was message " +
                  std::to_string(held) + " and is " + std::to_string(which)};
  auto& known = &of == message.from ? message.from_seq : message.to_seq;
  if (known != 0 && known != seq)
    throw failure{"message " + std::to_string(which) + " was entry " + std::to_string(known) +
                  " of " + of.name() + " and is " + std::to_string(seq)};
  known = seq;
}

std::uint64_t ledger::last_n(const user* one, const user* other) const {
  const auto [low, high] = conversation_of(one, other);
  const auto after = conversations_.upper_bound({low, high, UINT64_MAX});
  if (after == conversations_.begin())
    return 0;
  const auto& [own_low, own_high, n] = std::prev(after)->first;
  return own_low == low && own_high == high ? n : 0;
}

std::optional<message_number> ledger::entry(const user& of, std::uint64_t seq) const {
  const auto found = inboxes_.find({&of, seq});
  return found == inboxes_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<message_number> ledger::numbered(const user* one, const user* other,
                                               std::uint64_t n) const {
  const auto [low, high] = conversation_of(one, other);
  const auto found = conversations_.find({low, high, n});
  return found == conversations_.end() ? std::nullopt : std::optional{found->second};
}

std::map<const user*, std::uint64_t> ledger::last_mids(const user& of) const {
  std::map<const user*, std::uint64_t> result;
  for (const auto& [key, which] : conversations_) { // Later ones of a conversation come later.
    const auto& [low, high, n] = key;
    if (low == &of || high == &of)
      result[low == &of ? high : low] = messages[which].mid;
  }
  return result;
}

// -- marks ----------------------------------------------------------------------------------------

void ledger::learn_mark(const user& who, const user& with, mark what, std::uint64_t n, us now) {
  auto& known = marks_[{&who, &with, what}];
  if (known.empty() || known.back().n < n)
    known.push_back({now, n});
}

ledger::marks_of_user ledger::told_marks(const user& who) const {
  marks_of_user result;
  for (const auto& [key, known] : marks_)
    if (std::get<0>(key) == &who && !known.empty())
      result[{std::get<1>(key), std::get<2>(key)}] = known.back().n;
  return result;
}

void ledger::forget_marks_after(us since) {
  for (auto& [key, known] : marks_)
    while (!known.empty() && known.back().at > since)
      known.pop_back();
}

void ledger::go_back_to(const ledger& before) {
  forget_numbers();
  inboxes_ = before.inboxes_;
  mids_ = before.mids_;
  conversations_ = before.conversations_;
  for (message_number which = 0; which < before.messages.size(); ++which) {
    const auto transmissions = messages[which].transmissions;
    messages[which] = before.messages[which];
    messages[which].transmissions = transmissions;
  }
}

void ledger::lose(message_number which) {
  auto& message = messages[which];
  const auto [low, high] = conversation_of(message.from, message.to);
  inboxes_.erase({message.from, message.from_seq});
  inboxes_.erase({message.to, message.to_seq});
  mids_.erase({message.from->project, message.mid});
  conversations_.erase({low, high, message.n});
  message.mid = message.n = message.from_seq = message.to_seq = 0;
  message.ts = 0;
  message.acknowledged = false;
  message.lost = true;
  message.transmissions += 2; // Its order among others counts no more.
}

void ledger::forget_numbers() {
  inboxes_.clear();
  mids_.clear();
  conversations_.clear();
  marks_.clear();
  for (auto& each : messages) {
    each.mid = each.n = each.from_seq = each.to_seq = 0;
    each.ts = 0;
    each.acknowledged = false;
    each.transmissions += 2; // Its order among others counts no more.
  }
}

} // namespace klatch::simulation
