#include "bench/load/returning_crowd.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"

#include <string>

namespace load {

namespace {

/// For who is refused or not told when to come back.
constexpr std::chrono::seconds usual_wait{1};

std::size_t partner_of(std::size_t client) { return client ^ 1U; }

} // namespace

returning_crowd::returning_crowd(const target& server, std::size_t clients, std::size_t text_bytes)
    : identities_(clients), clients_(server, clients, identities_.words()), places_(clients) {
  for (std::size_t i = 0; i < clients; ++i)
    streams_.emplace_back(i, partner_of(i), text_bytes);
  clients_.on_open([this](std::size_t client) { on_open(client); });
  clients_.on_loss([this](std::size_t client, std::string_view) { on_loss(client); });
  clients_.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
}

void returning_crowd::write() {
  const auto text = streams_[turn_].next();
  ++sent_;
  if (places_[turn_].is_there)
    clients_.send(turn_, text);
  turn_ = (turn_ + 1) % clients_.size();
}

void returning_crowd::bring_back(clock::time_point now) {
  for (; !away_.empty() && away_.top().first <= now; away_.pop()) {
    const auto client = away_.top().second;
    const auto& inbox = identities_.inbox(client);
    if (places_[client].was_there)
      identities_.resume(client, std::string(inbox.epoch), inbox.seen);
    clients_.open(client);
  }
}

void returning_crowd::on_open(std::size_t client) {
  auto& self = places_[client];
  self.is_there = true;
  self.told_to_return.reset();
  if (!std::exchange(self.was_there, true))
    return;
  back_ += std::exchange(self.is_back, true) ? 0 : 1;
  last_back_ = clock::now();
  first_back_ = first_back_.value_or(*last_back_);
  auto& stream = streams_[client];
  for (auto number = stream.acked() + 1; number <= stream.sent(); ++number, ++sent_again_)
    clients_.send(client, stream.again(number));
}

void returning_crowd::on_loss(std::size_t client) {
  auto& self = places_[client];
  refused_ += self.told_to_return ? 0 : 1;
  self.is_there = false;
  away_.emplace(clock::now() + self.told_to_return.value_or(usual_wait), client);
}

void returning_crowd::take(std::size_t client, std::string_view text) {
  const frame_fields frame(text);
  const auto type = frame.text("type");
  if (type == "ack")
    return take_ack(client, frame);
  if (type == "usermsg")
    return take_message(client, frame);
  if (type != "reconnect")
    return check_extended_notice(frame);
  places_[client].told_to_return = std::chrono::milliseconds(frame.number("after_ms"));
}

/// That of a message which was stored before and sent again has the number of then.
void returning_crowd::take_ack(std::size_t client, const frame_fields& frame) {
  auto& inbox = identities_.inbox(client);
  if (frame.number("seq") > inbox.seen)
    inbox.take(frame);
  streams_[client].take_ack(frame);
  ++acked_;
}

void returning_crowd::take_message(std::size_t client, const frame_fields& frame) {
  identities_.inbox(client).take(frame);
  if (frame.text("from") == user_name(client))
    return; // an own one, stored, whose ack was lost: it is sent again all the same
  streams_[partner_of(client)].take_message(frame);
  ++delivered_;
}

void returning_crowd::finish() {
  clients_.run_out([&] { return delivered_ == sent_ && acked_ == sent_; });
  if (delivered_ != sent_ || acked_ != sent_)
    throw failure("of " + std::to_string(sent_) + " messages over a restart " +
                  std::to_string(delivered_) + " arrived and " + std::to_string(acked_) +
                  " were acknowledged");
  clients_.close_all();
}

} // namespace load
