#include "tests/simulation/plan.hpp"

#include "tests/simulation/random.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <stdexcept>

namespace klatch::simulation {

namespace {

action draw_action(random& of, const options& chosen) {
  const auto& weights = chosen.weights;
  auto left = of.below(std::max(1U, std::accumulate(weights.begin(), weights.end(), 0U)));
  std::size_t which = 0;
  while (which + 1 < weights.size() && left >= weights.at(which))
    left -= weights.at(which++);
  return static_cast<action>(which);
}

void plan_devices(random& of, const options& chosen, plan& into) {
  for (std::size_t user = 0; user < chosen.users; ++user)
    for (auto left = of.between(1, chosen.most_devices); left > 0; --left)
      into.devices.push_back({user, of.chance(chosen.plain)});
}

/// Each device comes first.
void plan_actions(random& of, const options& chosen, plan& into) {
  const auto think = static_cast<std::uint64_t>(chosen.think);
  std::vector<us> next(into.devices.size());
  for (std::size_t at = 0; at < next.size(); ++at) {
    next[at] = static_cast<us>(of.around(think));
    into.events.push_back({next[at], 0, action::come, at});
  }
  for (auto left = chosen.action_total; left > 0; --left) {
    const auto at = of.below(next.size());
    next[at] += 1 + static_cast<us>(of.around(think));
    into.events.push_back({next[at], 0, draw_action(of, chosen), at});
  }
  into.span = std::max<us>(*std::max_element(next.begin(), next.end()), 50'000);
}

void plan_faults(random& of, const options& chosen, plan& into) {
  for (std::size_t which = 0; which < fault_count; ++which)
    for (auto left = chosen.fault_totals.at(which); left > 0; --left)
      into.events.push_back({static_cast<us>(of.unit() * static_cast<double>(into.span)), 0,
                             static_cast<fault>(which)});
}

/// For a while nobody does anything, and what is put off comes due: what comes later is later.
void plan_silences(random& of, const options& chosen, plan& into) {
  const double long_ones = chosen.token_life > 0 ? 0.5 : 0.1;
  for (auto left = chosen.silences; left > 0; --left) {
    const auto from =
        into.events.begin() + static_cast<std::ptrdiff_t>(of.below(into.events.size()));
    const auto time = static_cast<us>(of.chance(long_ones) ? of.between(20'000'000, 90'000'000)
                                                           : of.between(500'000, 4'000'000));
    for (auto each = from; each != into.events.end(); ++each)
      each->at += time;
  }
}

std::size_t parse_number(std::string_view text) {
  std::size_t result = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), result);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
    throw std::invalid_argument{std::string{text}.append(" is no number of an event")};
  return result;
}

} // namespace

plan make_plan(std::uint64_t seed, const options& chosen) {
  random of{seed, purpose::plan};
  plan result;
  plan_devices(of, chosen, result);
  plan_actions(of, chosen, result);
  plan_faults(of, chosen, result);
  std::stable_sort(result.events.begin(), result.events.end(),
                   [](const event& left, const event& right) { return left.at < right.at; });
  plan_silences(of, chosen, result);
  for (std::size_t at = 0; at < result.events.size(); ++at)
    result.events[at].number = at;
  return result;
}

std::set<std::size_t> parse_numbers(std::string_view text) {
  std::set<std::size_t> result;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto dash = part.find('-');
    const auto first = parse_number(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(part.substr(dash + 1));
    for (auto each = first; each <= last; ++each)
      result.insert(each);
  }
  return result;
}

std::string format_numbers(const std::set<std::size_t>& numbers) {
  std::string result;
  for (auto each = numbers.begin(); each != numbers.end();) {
    const auto first = *each;
    auto last = first;
    for (++each; each != numbers.end() && *each == last + 1; ++each)
      last = *each;
    if (!result.empty())
      result.append(1, ',');
    result.append(std::to_string(first));
    if (last != first)
      result.append(1, '-').append(std::to_string(last));
  }
  return result;
}

} // namespace klatch::simulation
