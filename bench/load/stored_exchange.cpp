#include "bench/load/stored_exchange.hpp"

#include "bench/load/failure.hpp"

#include <string>

namespace load {

stored_exchange::stored_exchange(swarm& clients, extended_clients& identities,
                                 std::size_t text_bytes)
    : clients_(clients), identities_(identities), last_number_(clients.size()) {
  for (std::size_t i = 0; i < clients.size(); ++i)
    streams_.emplace_back(identities.user(i), identities.user(partner_of(i)), text_bytes);
  clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
}

void stored_exchange::send(std::size_t client) {
  clients_.send(client, streams_[client].next());
  ++sent_;
}

void stored_exchange::take(std::size_t client, std::string_view text) {
  const frame_fields frame(text);
  const auto type = frame.text("type");
  if (type == "ack") {
    auto& stream = streams_[client];
    if (!stream.next_is_placed())
      take_place(client, frame);
    stream.take_ack(frame);
    ++acked_;
    if (on_ack_)
      on_ack_(client, streams_[client].acked());
  } else if (type == "usermsg" && frame.text("from") == user_name(identities_.user(client))) {
    take_place(client, frame); // Read from a store that nodes share, before this one had heard.
    streams_[client].take_own(frame);
  } else if (type == "usermsg") {
    take_place(client, frame);
    auto& stream = streams_[partner_of(client)];
    stream.take_message(frame);
    ++delivered_;
    if (on_message_)
      on_message_(client, stream.taken());
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
  const auto done = [&] { return delivered_ == sent_ && acked_ == sent_; };
  clients_.run_out(done);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const auto& stream = streams_[i];
    if (stream.sent() != stream.taken() || stream.sent() != stream.acked())
      throw failure("of " + std::to_string(stream.sent()) + " messages from " +
                    user_name(identities_.user(i)) + ", " + std::to_string(stream.acked()) +
                    " were acknowledged and " + std::to_string(stream.taken()) + " arrived");
  }
}

} // namespace load
