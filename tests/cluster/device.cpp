#include "tests/cluster/device.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace klatch::clustered {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

namespace {

/// A node that does not welcome a client in this time is given up for another one.
constexpr milliseconds longest_welcome = 2s;
constexpr milliseconds ping_every = 1s;
constexpr milliseconds longest_silence = 3s;
constexpr milliseconds send_again_after = 6s;
constexpr milliseconds retry_after = 500ms;

faults::told_log::place place_of(const nlohmann::json& frame) {
  return {std::stoull(frame.at("mid").get<std::string>()), frame.at("n"), frame.at("seq"),
          frame.at("ts")};
}

net::descriptor begin_to_connect(const net::tcp_endpoint& to) {
  net::descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  REQUIRE(socket.is_open());
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // What becomes of it shows when it is written to.
  static_cast<void>(::connect(socket.get(), to.data(), static_cast<socklen_t>(to.size())));
  return socket;
}

} // namespace

void device::connect(time_point now) {
  auto node = static_cast<unsigned>(shared_.up_to(shared_.nodes.size() - 1));
  if (node == node_)
    node = (node + 1) % static_cast<unsigned>(shared_.nodes.size());
  node_ = node;
  stream_.emplace(begin_to_connect(shared_.nodes.at(node)));
  welcomed_ = false;
  began_ = heard_ = asked_ = now;
  nlohmann::json frame{{"type", "system"},
                       {"v", 2},
                       {"id", user()},
                       {"projectId", 2424},
                       {"name", user()},
                       {"color", "#F00"},
                       {"device", follower_.device()}};
  if (auto token = shared_.token_of(user()); !token.empty())
    frame["token"] = std::move(token);
  if (!epoch_.empty())
    frame["resume"] = {{"epoch", epoch_}, {"since", follower_.cursor()}};
  push(frame);
}

void device::disconnect(time_point now, milliseconds wait) {
  stream_.reset();
  welcomed_ = false;
  retry_.clear();
  next_try_ = now + wait;
  ++shared_.reconnects;
}

void device::lose_connection(time_point now) {
  disconnect(now, milliseconds{50 + shared_.up_to(250)});
}

void device::step() {
  came_.clear();
  const bool open = stream_->step(came_);
  const auto now = std::chrono::steady_clock::now();
  for (const auto& each : came_) {
    heard_ = now;
    if (stream_)
      on_frame(nlohmann::json::parse(each));
  }
  if (!open && stream_)
    lose_connection(now);
}

void device::look_at_clock(time_point now) {
  if (away_)
    return;
  if (!stream_) {
    if (now >= next_try_)
      connect(now);
    return;
  }
  if (now - heard_ > longest_silence || (!welcomed_ && now - began_ > longest_welcome))
    return lose_connection(now);
  if (!welcomed_)
    return;
  if (now - asked_ > ping_every) {
    asked_ = now;
    push({{"type", "ping"}});
  }
  for (auto& [to, queue] : pending_) {
    if (queue.empty())
      continue;
    auto& first = queue.front();
    const auto refused = retry_.find(first.cid);
    if (refused != retry_.end() ? now >= refused->second : now - first.sent_at > send_again_after)
      send(first);
  }
}

void device::send_to(const std::string& user) {
  auto cid = follower_.device() + '-' + std::to_string(++sends_);
  shared_.sends[cid] = {user, std::chrono::steady_clock::now(), {}, true};
  auto& queue = pending_[user];
  queue.push_back({std::move(cid), user});
  if (welcomed_ && queue.size() == 1)
    send(queue.front());
}

void device::send(message& what) {
  retry_.erase(what.cid);
  what.repeated = what.sent_at != time_point{};
  what.sent_at = std::chrono::steady_clock::now();
  shared_.sends.at(what.cid).node = node_;
  push({{"type", "user"},
        {"to_id", what.to},
        {"message", faults::text_of(what.cid)},
        {"cid", what.cid}});
}

void device::go_away(bool away) {
  const auto now = std::chrono::steady_clock::now();
  away_ = away;
  online_since_ = now;
  next_try_ = now;
  if (away && stream_)
    disconnect(now, 0ms);
  for (const auto& [to, queue] : pending_)
    for (const auto& each : queue)
      shared_.sends.at(each.cid).measured = false;
}

void device::on_frame(const nlohmann::json& frame) {
  const auto& type = frame.at("type");
  if (type == "welcome")
    on_welcome(frame);
  else if (type == "ack")
    on_ack(frame);
  else if (type == "usermsg")
    on_message(frame);
  else if (type == "error")
    on_error(frame);
  else if (type == "reconnect")
    disconnect(std::chrono::steady_clock::now(), milliseconds{frame.at("after_ms").get<int>()});
  else if (type != "pong" && type != "receipt")
    shared_.log_of(epoch_).changed(follower_.device() + " was told " + frame.dump());
}

void device::on_welcome(const nlohmann::json& frame) {
  const std::uint64_t head = frame.at("head");
  const std::string epoch = frame.at("epoch");
  auto& log = shared_.log_of(epoch);
  if (epoch_.empty() || (shared_.may_start_over && frame.at("recovered") != true))
    follower_.begin(head);
  else if (frame.at("recovered") == true)
    follower_.resume(head, log);
  else
    log.lost(follower_.device() + " could not resume: " + frame.dump());
  epoch_ = epoch;
  welcomed_ = true;
  for (auto& [to, queue] : pending_)
    if (!queue.empty())
      send(queue.front());
}

void device::on_ack(const nlohmann::json& frame) {
  const auto cid = frame.at("cid").get<std::string>();
  const auto& sent = shared_.sends.at(cid);
  auto& queue = pending_[sent.to];
  const bool first = !queue.empty() && queue.front().cid == cid;
  const bool repeated = !first || queue.front().repeated;
  follower_.acknowledged(sent.to, cid, place_of(frame), repeated, shared_.log_of(epoch_));
  shared_.acknowledged.insert(cid);
  if (!first)
    return;
  if (sent.measured)
    shared_.times.acknowledged(sent.at);
  retry_.erase(cid);
  queue.pop_front();
  if (!queue.empty())
    send(queue.front());
}

void device::on_message(const nlohmann::json& frame) {
  const std::string text = frame.at("message");
  follower_.told(frame.at("from"), frame.at("to"), text, place_of(frame), shared_.log_of(epoch_));
  if (shared_.up_to(31) == 0)
    push({{"type", "recv"}, {"seq", follower_.cursor()}});
  const auto found = shared_.sends.find(faults::cid_of(text));
  if (found == shared_.sends.end())
    return shared_.log_of(epoch_).changed("nobody has sent " + text.substr(0, 40));
  const auto& sent = found->second;
  const bool from_elsewhere = sent.node && sent.node != node_ && frame.at("from") != user();
  if (sent.measured && from_elsewhere && sent.at > online_since_)
    shared_.times.delivered(sent.at);
}

void device::on_error(const nlohmann::json& frame) {
  const std::string code = frame.at("code");
  ++shared_.errors[code];
  const auto now = std::chrono::steady_clock::now();
  if (code != "unavailable")
    shared_.log_of(epoch_).changed(follower_.device() + " was told " + frame.dump());
  else if (frame.contains("cid"))
    retry_[frame.at("cid")] = now + retry_after;
  else if (!welcomed_)
    lose_connection(now);
}

bool device::is_settled() const {
  if (!welcomed_)
    return false;
  if (std::any_of(pending_.begin(), pending_.end(),
                  [](const auto& each) { return !each.second.empty(); }))
    return false;
  const auto& inboxes = shared_.logs.at(epoch_).inboxes();
  const auto inbox = inboxes.find(user());
  return epoch_ == shared_.epochs.back() &&
         (inbox == inboxes.end() || follower_.cursor() >= inbox->second.size());
}

std::string device::description() const {
  auto result = follower_.device() + (welcomed_ ? " is connected to node " : " waits for node ") +
                (node_ ? std::to_string(*node_) : "?") + " at seq " +
                std::to_string(follower_.cursor());
  for (const auto& [to, queue] : pending_)
    if (!queue.empty())
      result += ", " + queue.front().cid + " is not acknowledged";
  return result;
}

} // namespace klatch::clustered
