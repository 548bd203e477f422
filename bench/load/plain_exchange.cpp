#include "bench/load/plain_exchange.hpp"

#include "bench/load/failure.hpp"

#include <string>

namespace load {

plain_exchange::plain_exchange(swarm& clients, std::size_t count, std::size_t text_bytes)
    : clients_(clients) {
  for (std::size_t i = 0; i < count; ++i)
    streams_.emplace_back(i, partner_of(i), text_bytes);
  clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
}

void plain_exchange::send(std::size_t client) {
  clients_.send(client, streams_[client].next());
  ++sent_;
}

void plain_exchange::take(std::size_t client, std::string_view text) {
  if (string_field(text, "type") != "usermsg")
    return check_notice(text);
  auto& stream = streams_[partner_of(client)];
  stream.take(text);
  ++delivered_;
  if (on_message_)
    on_message_(client, stream.taken());
}

void plain_exchange::finish() {
  clients_.run_out([&] { return delivered_ == sent_; });
  for (std::size_t i = 0; i < streams_.size(); ++i)
    if (streams_[i].sent() != streams_[i].taken())
      throw failure("of " + std::to_string(streams_[i].sent()) + " messages from " + user_name(i) +
                    " to " + user_name(partner_of(i)) + ", " + std::to_string(streams_[i].taken()) +
                    " arrived");
}

} // namespace load
