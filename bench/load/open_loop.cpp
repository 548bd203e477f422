#include "bench/load/disk.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/paced_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/stored_exchange.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <thread>
#include <vector>

namespace load {

namespace {

/// What the disk does in appends before and after the load.
class disk_probe {
public:
  explicit disk_probe(const open_loop_options& options)
      : options_(options), before_(time_appends(options.folder, options.appends)) {}

  /// Waits until what the load left has gone to the disk.
  void probe_again() {
    std::this_thread::sleep_for(options_.rest);
    after_ = time_appends(options_.folder, options_.appends);
  }

  /// An append's time, in between.
  double append_ms() const { return (before_.quantile_ms(0.5) + after_.quantile_ms(0.5)) / 2; }

  nlohmann::ordered_json summary() const {
    return {{"before", before_.summary()}, {"after", after_.summary()}, {"ms", append_ms()}};
  }

private:
  const open_loop_options& options_;
  latencies before_;
  latencies after_;
};

/// From acks to deliveries of the same messages: below zero where the recipient was told first.
class distances {
public:
  explicit distances(std::size_t senders) : pairs_(senders) {}

  void take_ack(std::size_t sender) { take(sender, pairs_[sender].acks); }
  void take_delivery(std::size_t sender) { take(sender, pairs_[sender].deliveries); }

  const latencies& found() const { return found_; }

private:
  using moments = std::deque<swarm::clock::time_point>;
  struct pair {
    moments acks; ///< of messages that are not delivered yet, in their order; or the other way
    moments deliveries;
  };

  void take(std::size_t sender, moments& which) {
    which.push_back(swarm::clock::now());
    auto& [acks, deliveries] = pairs_[sender];
    if (acks.empty() || deliveries.empty())
      return;
    found_.add(deliveries.front() - acks.front());
    acks.pop_front();
    deliveries.pop_front();
  }

  std::vector<pair> pairs_;
  latencies found_;
};

} // namespace

nlohmann::ordered_json run_open_loop(const open_loop_options& options) {
  const process server(options.pid);
  disk_probe disk(options);
  extended_clients identities(options.connections / 2 * 2);
  swarm clients(options.server, identities.size(), identities.words());
  clients.open_all();
  stored_exchange exchange(clients, identities, options.text_bytes);
  paced_exchange paced(clients, exchange, options.rate);
  latencies to_ack;
  latencies to_delivery;
  distances above_ack(clients.size());
  exchange.on_ack([&](std::size_t client, std::uint64_t number) {
    paced.time(to_ack, client, number);
    if (paced.is_timed(client, number))
      above_ack.take_ack(client);
  });
  exchange.on_message([&](std::size_t client, std::uint64_t number) {
    const auto sender = stored_exchange::partner_of(client);
    paced.time(to_delivery, sender, number);
    if (paced.is_timed(sender, number))
      above_ack.take_delivery(sender);
  });
  const auto usage = paced.run(options, server, options.beside);
  clients.close_all();
  disk.probe_again();

  const auto in_appends = [&](double share) {
    return to_ack.quantile_ms(share) / disk.append_ms();
  };
  nlohmann::ordered_json result{
      {"connections", clients.size()}, {"rate", options.rate}, {"text_bytes", options.text_bytes}};
  result.update(usage);
  result.update({{"to_ack", to_ack.summary()},
                 {"to_delivery", to_delivery.summary()},
                 {"delivery_above_ack", above_ack.found().summary()},
                 {"late", paced.late().summary()},
                 {"load_is_bottleneck", is_mostly_lateness(paced.late(), to_ack)},
                 {"append", disk.summary()},
                 {"ack_p50_in_appends", in_appends(0.5)},
                 {"ack_p99_in_appends", in_appends(0.99)}});
  return result;
}

} // namespace load
