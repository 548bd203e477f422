#include "bench/load/stored_outbox.hpp"

#include "bench/load/failure.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace load {

stored_outbox::stored_outbox(std::vector<share> shares) : shares_(std::move(shares)) {
  for (const auto& each : shares_)
    total_ += each.count;
}

std::string_view stored_outbox::next() {
  const auto chosen = choose();
  ++sent_;
  under_way_.push_back(chosen);
  return shares_[chosen].stream.next();
}

std::size_t stored_outbox::choose() {
  const auto& first = shares_.front();
  const auto due = (sent_ + 1) * first.count / total_;
  if (due > first.stream.sent())
    return 0;
  for (;;) {
    turn_ = turn_ % (shares_.size() - 1) + 1;
    if (shares_[turn_].stream.sent() < shares_[turn_].count)
      return turn_;
  }
}

void stored_outbox::take_ack(const frame_fields& frame) {
  if (under_way_.empty())
    throw failure("an ack too many came: " + shortened(frame.json()));
  shares_[under_way_.front()].stream.take_ack(frame);
  under_way_.pop_front();
  ++acked_;
}

void write_all(swarm& clients, extended_clients& identities, std::vector<stored_outbox>& outboxes,
               std::size_t window, const std::function<void()>& progress) {
  constexpr auto patience = std::chrono::seconds(20);
  std::uint64_t acked = 0;
  std::uint64_t total = 0;
  for (const auto& outbox : outboxes)
    total += outbox.total();
  const auto send = [&](std::size_t client) {
    if (outboxes[client].has_more())
      clients.send(client, outboxes[client].next());
  };
  clients.on_text([&](std::size_t client, std::string_view text) {
    const frame_fields frame(text);
    if (frame.text("type") != "ack")
      return check_extended_notice(frame);
    identities.inbox(client).take(frame);
    outboxes[client].take_ack(frame);
    ++acked;
    if (progress)
      progress();
    send(client);
  });
  for (std::size_t n = 0; n < window; ++n)
    for (std::size_t i = 0; i < outboxes.size(); ++i)
      send(i);
  while (acked < total) {
    const auto before = acked;
    clients.run_until(swarm::clock::now() + patience, [&] { return acked == total; });
    if (acked == before)
      throw failure("of " + std::to_string(total) + " messages " + std::to_string(acked) +
                    " were acknowledged, and no more for 20 s");
  }
  clients.on_text(
      [](std::size_t, std::string_view text) { check_extended_notice(frame_fields(text)); });
}

} // namespace load
