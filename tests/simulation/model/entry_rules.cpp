// What comes of an inbox: in order, without a gap, once, and nobody else's.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/model/model.hpp"

#include <algorithm>
#include <string>

namespace klatch::simulation {

namespace {

/// The part of an epoch that all starts of a log have in common.
std::string log_of(std::string_view epoch) { return std::string{epoch.substr(0, epoch.find('-'))}; }

/// Which message an ack is about: its cid says so, or the frame that it answers.
std::optional<message_number> acknowledged(const device_state& by, const frame_view& frame) {
  if (const auto cid = frame.string("cid"); !cid.empty())
    return message_of(std::string{cid.substr(1)} + '|');
  const auto asked = by.questions.find(std::string{frame.string("ref")});
  return asked == by.questions.end() ? std::nullopt : std::optional{asked->second.message};
}

void check_recovery(const model& of, const device_state& by, std::uint64_t head,
                    std::uint64_t floor) {
  if (head < by.asked_since)
    throw failure{by.name() + " had its inbox up to " + std::to_string(by.asked_since) +
                  ", which now ends at " + std::to_string(head) + ", and is recovered"};
  if (by.asked_since + 1 < floor)
    throw failure{by.name() + " is recovered, and entries are missing"};
  // Whole means: what it has is a part of what the store has.
  const auto own = by.entries.find(by.asked_since);
  const auto kept = of.book.entry(*by.who, by.asked_since);
  if (own != by.entries.end() && kept && *kept != own->second)
    throw failure{by.name() + " is recovered with an entry " + std::to_string(by.asked_since) +
                  " that the log has not"};
  if (head > by.asked_since)
    reached("a replay");
}

/// A start on a disk without room cannot write down that it is one: where it ends before it has
/// stored anything, who has come meanwhile is not known.
void check_no_recovery(const model& of, const device_state& by, std::uint64_t floor) {
  if (!by.asked_resume || of.disk_has_failed || of.put_back || log_of(by.epoch) != of.log ||
      of.log.empty())
    return;
  if (by.asked_since + 1 >= floor)
    throw failure{by.name() + " is not recovered, though all from entry " +
                  std::to_string(by.asked_since) + " on is kept"};
}

} // namespace

void check_welcome(model& of, const device_state& by, const frame_view& frame) {
  if (frame.type() != "welcome")
    return;
  if (frame.string("id") != by.who->id)
    throw failure{by.name() + " is welcomed as somebody else"};
  const auto head = frame.number("head").value_or(0);
  const bool recovered = frame.flag("recovered");
  if (of.chosen.store == store_kind::none) {
    if (recovered || head != 0)
      throw failure{by.name() + " is recovered, though nothing is stored"};
    return;
  }
  if (of.void_epochs.contains(frame.string("epoch"))) {
    of.began_at[by.who] = std::max(of.began_at[by.who], head);
    return;
  }
  const auto log = log_of(frame.string("epoch"));
  if (!of.log.empty() && log != of.log)
    throw failure{by.name() + " is told of another log than others"};
  of.log = log;
  if (by.online) // It has registered again.
    return;
  if (recovered && !by.asked_resume)
    throw failure{by.name() + " is recovered, which it has not asked for"};
  if (recovered && log_of(by.epoch) != log)
    throw failure{by.name() + " is recovered from another log"};
  const auto floor = frame.number("floor").value_or(0);
  if (recovered)
    check_recovery(of, by, head, floor);
  else
    check_no_recovery(of, by, floor);
  if (by.asked_resume && !recovered)
    reached("not recovered");
  // What it comes back from later counts as delivered.
  if (!recovered)
    of.began_at[by.who] = std::max(of.began_at[by.who], head);
}

void check_entry(model& of, const device_state& by, const frame_view& frame) {
  if (by.plain || of.chosen.store == store_kind::none)
    return;
  const auto type = frame.type();
  if (type != "usermsg" && type != "ack")
    return;
  if (!by.online)
    throw failure{by.name() + " is sent an entry before its welcome"};
  const auto seq = frame.number("seq").value_or(0);
  if (type == "usermsg") {
    const auto which = of.read_message(by, frame, true, "usermsg");
    if (seq != by.cursor + 1)
      throw failure{by.name() + " has its inbox up to " + std::to_string(by.cursor) +
                    " and is sent entry " + std::to_string(seq)};
    return of.book.learn_entry(*by.who, seq, which);
  }
  if (seq == 0 || seq > by.cursor + 1)
    throw failure{by.name() + " has its inbox up to " + std::to_string(by.cursor) +
                  " and is sent the ack of entry " + std::to_string(seq)};
  if (seq <= by.cursor)
    reached("an ack again");
  if (frame.string("cid").empty() && frame.string("ref").empty())
    return;
  const auto which = acknowledged(by, frame);
  if (!which || *which >= of.book.messages.size() || of.book.messages[*which].from != by.who)
    throw failure{by.name() + " is sent the ack of a message that is not its own"};
  of.book.learn_numbers(*which, frame.mid(), frame.number("n").value_or(0),
                        static_cast<std::int64_t>(frame.number("ts").value_or(0)), "ack");
  of.book.learn_entry(*by.who, seq, *which);
  of.book.messages[*which].acknowledged = true;
  of.book.messages[*which].lost = false;
}

void check_void_frame(model& of, const device_state& by, const frame_view& frame) {
  check_answer(of, by, frame);
  check_error(of, by, frame);
  check_notice(of, by, frame);
  if (frame.type() != "ack")
    return;
  const auto which = acknowledged(by, frame);
  if (!which || *which >= of.book.messages.size() || of.book.messages[*which].from != by.who)
    return;
  // Of what is lost it may have been on its way before.
  if (auto& message = of.book.messages[*which]; !message.lost)
    message.acknowledged = true;
}

void check_handed_on(model& of, const device_state& by, const frame_view& frame) {
  if (of.chosen.store != store_kind::none || frame.type() != "usermsg")
    return;
  if (frame.has("seq") || frame.has("mid") || frame.has("n"))
    throw failure{by.name() + " is sent numbers, though nothing is stored"};
  const auto which = of.read_message(by, frame, false, "usermsg");
  const auto& message = of.book.messages[which];
  if (message.transmissions > 1)
    return;
  const auto last = by.last_handed_on.find(message.first_link);
  if (last != by.last_handed_on.end() && last->second >= which)
    throw failure{by.name() + " is sent message " + std::to_string(which) + " after message " +
                  std::to_string(last->second) + " of the same connection"};
}

} // namespace klatch::simulation
