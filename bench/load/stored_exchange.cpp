#include "bench/load/stored_exchange.hpp"

#include "bench/load/failure.hpp"

#include <chrono>
#include <string>

namespace load {

stored_exchange::stored_exchange(swarm& clients, extended_clients& identities,
                                 std::size_t text_bytes)
    : clients_(clients), identities_(identities), last_number_(clients.size()) {
  for (std::size_t i = 0; i < clients.size(); ++i)
    lanes_.emplace_back(identities.user(i), identities.user(partner_of(i)), text_bytes);
  clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
}

void stored_exchange::send(std::size_t client) {
  clients_.send(client, lanes_[client].next());
  ++sent_;
}

void stored_exchange::take(std::size_t client, std::string_view text) {
  const frame_fields frame(text);
  const auto type = frame.text("type");
  if (type == "ack") {
    take_place(client, frame);
    lanes_[client].take_ack(frame);
    ++acked_;
    if (on_ack_)
      on_ack_(client, lanes_[client].acked());
  } else if (type == "usermsg") {
    take_place(client, frame);
    auto& lane = lanes_[partner_of(client)];
    lane.take_message(frame);
    ++delivered_;
    if (on_message_)
      on_message_(client, lane.taken());
  } else {
    check_extended_notice(frame);
  }
}

/// A client's only conversation is that with its partner, so its entries have all of its numbers.
void stored_exchange::take_place(std::size_t client, const frame_fields& frame) {
  identities_.inbox(client).take(frame);
  auto& last = last_number_[client];
  const auto number = frame.number("n");
  if (number == 0 || (last != 0 && number != last + 1))
    throw failure("expected number " + std::to_string(last + 1) +
                  " of a conversation, got: " + std::string(frame.json()));
  last = number;
}

void stored_exchange::finish() {
  constexpr auto patience = std::chrono::seconds(10);
  constexpr auto for_what_is_too_much = std::chrono::milliseconds(200);
  const auto done = [&] { return delivered_ == sent_ && acked_ == sent_; };
  clients_.run_until(swarm::clock::now() + patience, done);
  clients_.run_until(swarm::clock::now() + for_what_is_too_much);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& lane = lanes_[i];
    if (lane.sent() != lane.taken() || lane.sent() != lane.acked())
      throw failure("of " + std::to_string(lane.sent()) + " messages from " +
                    user_name(identities_.user(i)) + ", " + std::to_string(lane.acked()) +
                    " were acknowledged and " + std::to_string(lane.taken()) + " arrived");
  }
}

} // namespace load
