// Every frame that is to be answered is, once; errors and closes have a reason.
#include "messages/errors.hpp"
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/link.hpp"
#include "tests/simulation/model/model.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace klatch::simulation {

namespace {

/// Nobody has as many, those included that have gone without a word.
constexpr std::size_t enough_devices = 20;

bool may_answer(std::string_view type, question::kind what) {
  switch (what) {
  case question::kind::registration:
    return type == "welcome";
  case question::kind::send:
    return type == "ack";
  case question::kind::history:
    return type == "history";
  case question::kind::conversations:
    return type == "conversations";
  case question::kind::ping:
    return type == "pong";
  case question::kind::refresh:
    return type == "refreshed";
  case question::kind::mark:
    return false;
  }
  return false;
}

} // namespace

bool may_be_unavailable(const model& of) {
  const auto& chosen = of.chosen;
  constexpr std::array faults{
      fault::reader_dies,       fault::archive_dies,       fault::disk_full,
      fault::sync_fails,        fault::read_fails,         fault::folder_away,
      fault::database_away,     fault::database_gone,      fault::answers_lost,
      fault::node_stands_still, fault::database_fails_over};
  // Where nothing is stored, a shard that dies takes look-ups along.
  const bool look_ups_fail = chosen.store == store_kind::none && chosen.has(fault::shard_dies);
  return look_ups_fail || chosen.messages_may_wait < 1'000 || chosen.marks_may_wait < 1'000 ||
         std::any_of(faults.begin(), faults.end(), [&](fault each) { return chosen.has(each); });
}

void check_answer(model& of, const device_state& by, const frame_view& frame) {
  const auto type = frame.type();
  constexpr std::array answers{"welcome", "ack", "history", "conversations", "pong", "refreshed"};
  const bool is_answer = std::find(answers.begin(), answers.end(), type) != answers.end();
  if (by.plain || (!is_answer && type != "error"))
    return;
  const auto ref = frame.string("ref");
  if (ref.empty()) // What a frame without one is about cannot be known, but for these.
    return is_answer && type != "ack"
               ? throw failure{by.name() + " is sent a " + std::string{type} + " without a ref"}
               : void();
  const auto asked = by.questions.find(std::string{ref});
  if (asked == by.questions.end())
    throw failure{by.name() +
                  " is answered a frame that it has not sent, or twice: " + std::string{ref}};
  if (is_answer && !may_answer(type, asked->second.what))
    throw failure{by.name() + " is answered with a " + std::string{type} + " about " +
                  std::string{ref}};
  if (type == "ack" && frame.string("cid") != (of.book.messages[asked->second.message].has_cid
                                                   ? 'c' + std::to_string(asked->second.message)
                                                   : std::string{}))
    throw failure{by.name() + " is sent an ack with another cid than its frame had"};
}

void check_error(model& of, const device_state& by, const frame_view& frame) {
  const auto type = frame.type();
  const auto code = type == "error"    ? frame.string("code")
                    : type == "system" ? frame.string("error")
                                       : std::string_view{};
  if (code.empty()) {
    if (type == "error")
      throw failure{by.name() + " is sent an error without a code"};
    return;
  }
  if (code == "rate_limited" && of.chosen.send_rate == 0)
    throw failure{by.name() + " is told rate_limited, though there is no rate"};
  if (code == "not_connected" && of.chosen.store != store_kind::none)
    throw failure{by.name() + " is told not_connected, though messages are stored"};
  if (code == "too_many_devices" && of.chosen.max_devices >= enough_devices)
    throw failure{by.name() + " is told too_many_devices, and there are not as many"};
  const bool of_token = code == "unauthorized" || code == "token_expired";
  if (of_token && of.chosen.token_life == 0)
    throw failure{by.name() + " is told " + std::string{code} + ", though no token is asked for"};
  if (code == "unauthorized" && !by.handed_in_bad)
    throw failure{by.name() + " is told unauthorized, and its token was good"};
  reached("error " + std::string{code});
}

void check_unavailable(const model& of, const device_state& by) {
  const bool few_places = of.chosen.messages_may_wait < 1'000 || of.chosen.marks_may_wait < 1'000;
  if (!few_places && of.now > of.excused_until)
    throw failure{by.name() + " is told unavailable, though nothing is wrong"};
}

void excuse(model& of, us lasts) {
  const us shows_for = is_quick(of.chosen) ? 5'000'000 : 40'000'000;
  of.excused_until = std::max(of.excused_until, of.now + lasts + shows_for);
}

void check_close(const model& of, const device_state& by, std::uint16_t code) {
  const auto explained = [&] {
    switch (code) {
    case 4401: // It has not registered, or its registration came too late.
      return true;
    case 1012:
      return of.chosen.has(fault::service_stops) || of.chosen.has(fault::backup_put_back) ||
             of.losses > 0;
    case 1011:
    case 1013:
      return of.now <= of.excused_until;
    case 4409:
      return of.chosen.max_devices < enough_devices;
    case 4508:
      return of.chosen.waiting_bytes < 1UL << 20U;
    case 4529:
      return of.chosen.send_rate > 0;
    default:
      return false;
    }
  };
  if (!explained())
    throw failure{by.name() + " is closed with " + std::to_string(code) +
                  ", for which there is no reason"};
  reached("closed with " + std::to_string(code));
}

void check_notice(model& of, const device_state& by, const frame_view& frame) {
  if (frame.type() != "system" || !frame.has("id"))
    return;
  const auto* gone = of.find(*by.who, frame.string("id"));
  if (!of.chosen.announces || gone == nullptr)
    throw failure{by.name() + " is told that somebody has left, whom it does not know"};
  if (of.absences[gone] == 0)
    throw failure{by.name() + " is told that " + gone->name() + " has left, who never has"};
  reached("somebody has left");
}

} // namespace klatch::simulation
