#include "bench/load/probes.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/stored_stream.hpp"

#include <string>
#include <vector>

namespace load {

namespace {

constexpr std::size_t probe_bytes = 120;

/// A stream to each client from the one before it, by recipient.
template<class Stream>
class ring {
public:
  explicit ring(std::size_t clients) {
    for (std::size_t i = 0; i < clients; ++i)
      streams_.emplace_back((i + clients - 1) % clients, i, probe_bytes);
  }

  Stream& to(std::size_t client) { return streams_[client]; }
  Stream& from(std::size_t client) { return streams_[(client + 1) % streams_.size()]; }

private:
  std::vector<Stream> streams_;
};

void wait_for(swarm& clients, const std::size_t& arrived, std::size_t wanted) {
  constexpr auto patience = std::chrono::seconds(20);
  clients.run_until(swarm::clock::now() + patience, [&] { return arrived == wanted; });
  if (arrived != wanted)
    throw failure("after the idle time only " + std::to_string(arrived) + " of " +
                  std::to_string(wanted) + " probes and acks arrived");
}

} // namespace

void probe_plain(swarm& clients) {
  ring<plain_stream> streams(clients.size());
  std::size_t arrived = 0;
  clients.on_text([&](std::size_t client, std::string_view text) {
    if (string_field(text, "type") != "usermsg")
      return check_notice(text);
    streams.to(client).take(text);
    ++arrived;
  });
  for (std::size_t i = 0; i < clients.size(); ++i)
    clients.send(i, streams.from(i).next());
  wait_for(clients, arrived, clients.size());
}

void probe_extended(swarm& clients, extended_clients& identities) {
  ring<stored_stream> streams(clients.size());
  std::size_t arrived = 0;
  clients.on_text([&](std::size_t client, std::string_view text) {
    const frame_fields frame(text);
    const auto type = frame.text("type");
    if (type != "ack" && type != "usermsg")
      return check_extended_notice(frame);
    identities.inbox(client).take(frame);
    if (type == "ack")
      streams.from(client).take_ack(frame);
    else
      streams.to(client).take_message(frame);
    ++arrived;
  });
  for (std::size_t i = 0; i < clients.size(); ++i)
    clients.send(i, streams.from(i).next());
  wait_for(clients, arrived, clients.size() * 2);
}

} // namespace load
