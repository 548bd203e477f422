#include "tests/simulation/machine.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace klatch::simulation {

namespace {

/// A run has some thousands.
constexpr std::uint64_t most_steps = 2'000'000;

} // namespace

machine::machine(std::uint64_t seed, const options& chosen, trace& log)
    : chosen_(chosen), log_(log), turns_(seed, purpose::turns) {}

void machine::push(task what) { ready_.push_back(std::move(what)); }

void machine::at(us when, task what) {
  if (when <= now_)
    return push(std::move(what));
  later_.push_back({when, ++order_, std::move(what)});
  std::push_heap(later_.begin(), later_.end(), std::greater{});
}

bool machine::pass_time() {
  std::optional<us> next;
  for (const auto* each : timers_)
    if (const auto due = each->next_due())
      next = std::min(next.value_or(*due), *due);
  if (!later_.empty())
    next = std::min(next.value_or(later_.front().due), later_.front().due);
  if (!next)
    return false;
  now_ = std::max(now_, *next);
  while (!later_.empty() && later_.front().due <= now_) {
    std::pop_heap(later_.begin(), later_.end(), std::greater{});
    push(std::move(later_.back().what));
    later_.pop_back();
  }
  for (auto* each : timers_)
    each->expire(now_);
  return true;
}

std::size_t machine::pick_by_priority() {
  for (;;) {
    std::size_t best = 0;
    double highest = -1e300;
    for (std::size_t at = 0; at < ready_.size(); ++at) {
      const auto [known, added] = priorities_.try_emplace(ready_[at].entity, 0);
      if (added)
        known->second = turns_.unit();
      if (known->second > highest) {
        highest = known->second;
        best = at;
      }
    }
    if (!turns_.chance(chosen_.priority_changes))
      return best;
    priorities_[ready_[best].entity] = lowest_ -= 1;
  }
}

std::size_t machine::pick() {
  if (ready_.size() == 1)
    return 0;
  if (fair_ || chosen_.picks == strategy::uniform)
    return turns_.below(ready_.size());
  return chosen_.picks == strategy::first_come ? 0 : pick_by_priority();
}

task machine::take(std::size_t index) {
  auto result = std::move(ready_[index]);
  ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(index));
  return result;
}

bool machine::put_off(task& what) {
  const bool may_be = what.what == task::kind::actor || what.what == task::kind::thread;
  if (fair_ || !may_be || !turns_.chance(chosen_.delays))
    return false;
  const auto wait = 1 + turns_.below(static_cast<std::uint64_t>(chosen_.longest_delay));
  after(static_cast<us>(wait), std::move(what));
  return true;
}

bool machine::step() {
  const bool passes = !fair_ && chosen_.time_passes > 0 && turns_.chance(chosen_.time_passes);
  if ((ready_.empty() || passes) && !pass_time() && ready_.empty())
    return false;
  if (ready_.empty())
    return true;
  auto what = take(pick());
  if (stands_still(what.host))
    parked_.push_back(std::move(what));
  else if (!put_off(what))
    run(std::move(what));
  return true;
}

void machine::go_on(unsigned host) {
  if (still_.erase(host) == 0)
    return;
  const auto first = std::stable_partition(parked_.begin(), parked_.end(),
                                           [host](const task& each) { return each.host != host; });
  std::move(first, parked_.end(), std::back_inserter(ready_));
  parked_.erase(first, parked_.end());
}

void machine::run(task what) {
  if (++steps_ > most_steps && !over_)
    throw failure{"it does not come to an end"};
  note(static_cast<std::uint64_t>(what.what) << 56U ^ what.entity ^
       static_cast<std::uint64_t>(now_) << 8U);
  what.run();
}

void machine::run_all(task::kind what, unsigned host) {
  const auto is = [=](const task& each) { return each.what == what && each.host == host; };
  const auto first = std::stable_partition(later_.begin(), later_.end(),
                                           [&](const later& each) { return !is(each.what); });
  std::sort(first, later_.end(),
            [](const later& left, const later& right) { return right > left; });
  for (auto each = first; each != later_.end(); ++each)
    push(std::move(each->what));
  later_.erase(first, later_.end());
  std::make_heap(later_.begin(), later_.end(), std::greater{});
  for (;;) {
    const auto found = std::find_if(ready_.begin(), ready_.end(), is);
    if (found == ready_.end())
      return;
    run(take(static_cast<std::size_t>(found - ready_.begin())));
  }
}

void machine::note(std::uint64_t what, std::string_view text) noexcept {
  auto hash = hash_ ^ mix(what ^ text.size());
  while (!text.empty()) {
    std::uint64_t word = 0;
    const auto bytes = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), bytes);
    text.remove_prefix(bytes);
    hash = (hash ^ word) * 0x9FB21C651E98DF25U;
    hash ^= hash >> 32U;
  }
  hash_ = mix(hash);
}

} // namespace klatch::simulation
