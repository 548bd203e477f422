#include "tests/faults/extended_device.hpp"

#include <algorithm>

namespace klatch::faults {

namespace {

constexpr std::uint64_t widest_window = 64;
/// One send in so many is sent twice at once.
constexpr std::uint64_t repeat_every = 100;
constexpr std::uint64_t mark_every = 64;

told_log::place place_of(const nlohmann::json& frame) {
  return {std::stoull(frame.at("mid").get<std::string>()), frame.at("n"), frame.at("seq"),
          frame.at("ts")};
}

} // namespace

bool extended_device::is_settled() const {
  const auto inbox = log().inboxes().find(plan().user);
  const auto known = inbox == log().inboxes().end() ? 0 : inbox->second.size();
  return welcomed_ && pending_.empty() && cursor_ >= known;
}

void extended_device::on_connect() {
  const auto inbox = log().inboxes().find(plan().user);
  known_before_ = inbox == log().inboxes().end() ? 0 : inbox->second.size();
  welcomed_ = false;
  window_ = 1 + up_to(random(), widest_window - 1);
  nlohmann::json frame{{"type", "system"},       {"v", 2},      {"id", plan().user},
                       {"projectId", 2424},      {"name", "n"}, {"color", "#F00"},
                       {"device", plan().device}};
  if (!epoch_.empty())
    frame["resume"] = {{"epoch", epoch_}, {"since", cursor_}};
  push(frame);
}

void extended_device::on_frame(const nlohmann::json& frame) {
  const auto& type = frame.at("type");
  if (type == "welcome")
    on_welcome(frame);
  else if (type == "ack")
    on_ack(frame);
  else if (type == "usermsg")
    on_message(frame);
  else if (type != "receipt" && type != "reconnect")
    log().changed(plan().device + " was told " + frame.dump());
}

void extended_device::on_welcome(const nlohmann::json& frame) {
  const std::uint64_t head = frame.at("head");
  if (head < known_before_)
    log().lost("the inbox of " + plan().user + " ends with " + std::to_string(head) + ", and had " +
               std::to_string(known_before_));
  if (epoch_.empty())
    cursor_ = head;
  else if (frame.at("recovered") != true)
    log().lost(plan().device + " could not resume: " + frame.dump());
  epoch_ = frame.at("epoch");
  welcomed_ = true;
  for (auto& [number, each] : pending_) {
    if (!each.head_when_repeated)
      each.head_when_repeated = head;
    send(each);
  }
  fill_window();
}

void extended_device::on_ack(const nlohmann::json& frame) {
  const auto cid = frame.at("cid").get<std::string>();
  const auto where = place_of(frame);
  const auto sent = std::find_if(pending_.begin(), pending_.end(),
                                 [&](const auto& each) { return each.second.cid == cid; });
  if (sent == pending_.end()) { // the answer to the second of two
    log().acknowledged(plan().user, log().message(cid).to, cid, where);
    return move_cursor(where.seq, true);
  }
  const auto& [number, what] = *sent;
  log().acknowledged(plan().user, what.to, cid, where);
  move_cursor(where.seq, what.head_when_repeated.has_value());
  if (what.head_when_repeated)
    ++(where.seq <= *what.head_when_repeated ? were_there_ : were_not_there_);
  pending_.erase(sent);
  fill_window();
}

void extended_device::on_message(const nlohmann::json& frame) {
  const auto where = place_of(frame);
  log().told(plan().user, frame.at("from"), frame.at("to"), frame.at("message"), where);
  move_cursor(where.seq, false);
  mark_now_and_then(frame);
}

void extended_device::move_cursor(std::uint64_t seq, bool may_repeat) {
  if (seq == cursor_ + 1)
    ++cursor_;
  else if (seq > cursor_)
    log().gap(plan().device + " was sent seq " + std::to_string(seq) + " after " +
              std::to_string(cursor_));
  else if (!may_repeat)
    log().twice(plan().device + " was sent seq " + std::to_string(seq) + " again");
}

void extended_device::mark_now_and_then(const nlohmann::json& frame) {
  if (up_to(random(), mark_every) != 0)
    return;
  push({{"type", "recv"}, {"seq", cursor_}});
  if (frame.at("from") != plan().user)
    push({{"type", "read"}, {"with", frame.at("from")}, {"n", frame.at("n")}});
}

void extended_device::send(const unacknowledged& what) {
  push({{"type", "user"}, {"to_id", what.to}, {"message", text_of(what.cid)}, {"cid", what.cid}});
}

void extended_device::fill_window() {
  while (sending() && pending_.size() < window_) {
    const auto& made =
        pending_.emplace(++sends_, unacknowledged{next_cid(), any_peer(), {}}).first->second;
    send(made);
    if (sends_ % repeat_every == 0)
      send(made);
  }
}

} // namespace klatch::faults
