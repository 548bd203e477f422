#include "bench/load/plain_exchange.hpp"

#include "bench/load/failure.hpp"

#include <chrono>
#include <string>

namespace load {

plain_exchange::plain_exchange(swarm& clients, std::size_t count, std::size_t text_bytes)
    : clients_(clients) {
  for (std::size_t i = 0; i < count; ++i)
    lanes_.emplace_back(i, partner_of(i), text_bytes);
  clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
}

void plain_exchange::send(std::size_t client) {
  clients_.send(client, lanes_[client].next());
  ++sent_;
}

void plain_exchange::take(std::size_t client, std::string_view text) {
  if (string_field(text, "type") != "usermsg")
    return check_notice(text);
  auto& lane = lanes_[partner_of(client)];
  lane.take(text);
  ++delivered_;
  if (on_message_)
    on_message_(client, lane.taken());
}

void plain_exchange::finish() {
  constexpr auto patience = std::chrono::seconds(10);
  constexpr auto for_what_is_too_much = std::chrono::milliseconds(200);
  clients_.run_until(swarm::clock::now() + patience, [&] { return delivered_ == sent_; });
  clients_.run_until(swarm::clock::now() + for_what_is_too_much);
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (lanes_[i].sent() != lanes_[i].taken())
      throw failure("of " + std::to_string(lanes_[i].sent()) + " messages from " + user_name(i) +
                    " to " + user_name(partner_of(i)) + ", " + std::to_string(lanes_[i].taken()) +
                    " arrived");
}

} // namespace load
