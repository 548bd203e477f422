#include "actors/archive/waiting_marks.hpp"

#include <algorithm>
#include <utility>

namespace klatch::actors {

waiting_marks::of_user& waiting_marks::of(const user_key& user) {
  const auto [found, is_new] = users_.try_emplace(user);
  if (is_new)
    turns_.push_back(user);
  return found->second;
}

waiting_marks::added waiting_marks::raise(std::optional<std::uint64_t>& waiting,
                                          std::uint64_t seq) {
  const auto result = waiting ? added::replaced : added::waits;
  waiting = std::max(waiting.value_or(0), seq);
  return result;
}

waiting_marks::added waiting_marks::add(const mark_read& what) {
  auto& reads = of(what.reader).reads;
  const auto same = std::find_if(reads.begin(), reads.end(),
                                 [&](const read& each) { return each.with == what.with; });
  if (same != reads.end()) {
    if (what.n > same->n)
      *same = {what.with, what.n, what.origin};
    return added::replaced;
  }
  if (reads.size() == max_conversations)
    return added::refused;
  reads.push_back({what.with, what.n, what.origin});
  return added::waits;
}

waiting_marks::mark waiting_marks::take() {
  auto user = std::move(turns_.front());
  turns_.pop_front();
  const auto found = users_.find(user);
  auto& waiting = found->second;
  std::optional<mark> next;
  if (waiting.legacy_delivered) {
    next = mark_legacy_delivered{user, *std::exchange(waiting.legacy_delivered, std::nullopt)};
  } else if (waiting.received) {
    next = mark_received{user, *std::exchange(waiting.received, std::nullopt)};
  } else {
    auto first = std::move(waiting.reads.front());
    waiting.reads.pop_front();
    next = mark_read{user, std::move(first.with), first.n, std::move(first.origin)};
  }
  if (waiting.empty())
    users_.erase(found);
  else
    turns_.push_back(std::move(user));
  return *std::move(next);
}

} // namespace klatch::actors
