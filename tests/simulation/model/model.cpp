#include "tests/simulation/model/model.hpp"

#include <algorithm>
#include <array>

namespace klatch::simulation {

namespace {

constexpr std::array<frame_rule, 10> frame_rules{
    check_answer,  check_welcome,       check_entry,   check_plain, check_handed_on,
    check_history, check_conversations, check_receipt, check_error, check_notice};

/// Marks are written half a second after they were set, and it takes a while.
constexpr us marks_are_written_after = 1'000'000;

} // namespace

const user* model::find(const user& of_project_of, std::string_view id) const {
  const auto found = std::find_if(users.begin(), users.end(), [&](const user* each) {
    return each->project == of_project_of.project && each->id == id;
  });
  return found == users.end() ? nullptr : *found;
}

message_number model::read_message(const device_state& by, const frame_view& frame, bool numbered,
                                   const std::string& how) {
  const auto text = frame.string("message");
  const auto which = message_of(text);
  if (!which || *which >= book.messages.size())
    throw failure{by.name() +
                  " is sent a text that nobody wrote: " + std::string{text.substr(0, 40)}};
  const auto& message = book.messages[*which];
  if (message.from->id != frame.string("from") || message.to->id != frame.string("to") ||
      message.text(*which) != text)
    throw failure{by.name() + " is sent message " + std::to_string(*which) + " changed"};
  if (message.from->project != by.who->project)
    throw failure{by.name() + " is sent a message of another project"};
  if (message.from != by.who && message.to != by.who)
    throw failure{by.name() + " is sent a message of others"};
  if (numbered)
    book.learn_numbers(*which, frame.mid(), frame.number("n").value_or(0),
                       static_cast<std::int64_t>(frame.number("ts").value_or(0)), how);
  return *which;
}

void model::learn_mark(const user& who, const user& with, mark what, std::uint64_t n) {
  if (!late) // What it knew may have been lost with it.
    book.learn_mark(who, with, what, n, now);
}

bool model::is_void(const device_state& device) const {
  return device.plain ? device.came_too_early || device.losses != losses
                      : device.online && void_epochs.contains(device.epoch);
}

void check_frame(model& of, const device_state& by, const frame_view& frame) {
  if (of.is_void(by) && !by.plain)
    return check_void_frame(of, by, frame);
  for (const auto& each : frame_rules)
    each(of, by, frame);
}

void model::learn_delivery(const user& of, std::uint64_t seq) {
  auto& known = deliveries[&of];
  if (known.empty() || known.back().seq < seq)
    known.push_back({now, seq});
}

std::uint64_t model::delivered(const user& of) const {
  std::uint64_t result = 0;
  if (const auto known = deliveries.find(&of); known != deliveries.end())
    for (const auto& [at, seq] : known->second)
      if (at + marks_are_written_after <= now)
        result = seq;
  return result;
}

void model::forget_deliveries_after(us since) {
  for (auto& [who, known] : deliveries)
    std::erase_if(known, [since](const delivery& each) { return each.at > since; });
}

namespace {

void forget_marks_after(model& of, us since) {
  of.book.forget_marks_after(since);
  of.forget_deliveries_after(since);
}

constexpr us never = -1;

} // namespace

bool is_quick(const options& chosen) {
  return !chosen.is_cluster() && chosen.sync_time <= 3'000 && chosen.longest_delay <= 5'000 &&
         chosen.time_passes == 0 && !chosen.has(fault::sync_slow);
}

void note_restart(model& of, aftermath left) {
  // Where the disk fails or is slow, what was set last has not been written.
  const bool is_written = !of.disk_has_failed && is_quick(of.chosen);
  switch (left) {
  case aftermath::all:
    return forget_marks_after(of, of.disk_has_failed ? never : of.now);
  case aftermath::committed:
    return forget_marks_after(of, is_written ? of.now - marks_are_written_after : never);
  case aftermath::synced:
    return forget_marks_after(of, never);
  case aftermath::nothing:
    of.book.forget_numbers();
    of.log.clear();
    of.plain_logs.clear();
    of.on_a_device.clear();
    of.deliveries.clear();
    return;
  }
}

void note_loss(model& of, const std::vector<std::string>& texts, const std::string& epoch,
               const std::map<const user*, std::uint64_t>& heads) {
  for (const auto& each : texts)
    if (const auto which = message_of(each))
      of.book.lose(*which);
  forget_marks_after(of, never);
  of.log.clear();
  of.void_epochs.insert(epoch);
  ++of.losses;
  for (const auto& [who, head] : heads) {
    auto& twice = of.numbered_twice[who];
    twice = std::max(twice, head);
    // Marks that were set for what is lost count for what has its numbers now.
    auto& began = of.began_at[who];
    began = std::max(began, head);
  }
  for (auto& log : of.plain_logs)
    log.void_in_part = true;
}

void note_put_back(model& of, const model& before) {
  of.book.go_back_to(before.book);
  of.put_back = true;
  of.deliveries.clear();
  for (auto& log : of.plain_logs)
    log.void_in_part = true;
}

} // namespace klatch::simulation
