#include "bench/load/disk.hpp"
#include "bench/load/intended_moments.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/stored_exchange.hpp"
#include "bench/load/timetable.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <thread>

namespace load {

namespace {

using clock = swarm::clock;

/// Times what comes of sends that were meant for given moments.
class stopwatch {
public:
  explicit stopwatch(stored_exchange& exchange, std::size_t clients) : intended_(clients) {
    exchange.on_ack([this](std::size_t client, std::uint64_t number) {
      intended_.time(to_ack_, client, number);
    });
    exchange.on_message([this](std::size_t client, std::uint64_t number) {
      intended_.time(to_delivery_, client ^ 1U, number);
    });
  }

  void sends(std::size_t client, clock::time_point intended) { intended_.add(client, intended); }

  /// Only what is meant for a moment from now on counts.
  void start() { intended_.start(); }

  const latencies& to_ack() const { return to_ack_; }
  const latencies& to_delivery() const { return to_delivery_; }

private:
  intended_moments intended_;
  latencies to_ack_;
  latencies to_delivery_;
};

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

} // namespace

nlohmann::ordered_json run_open_loop(const open_loop_options& options) {
  const process server(options.pid);
  disk_probe disk(options);
  extended_clients identities(options.connections / 2 * 2);
  swarm clients(options.server, identities.size(), identities.words());
  clients.open_all();
  stored_exchange exchange(clients, identities, options.text_bytes);
  stopwatch watch(exchange, clients.size());
  std::size_t turn = 0;
  timetable times(clients, options.rate, [&](clock::time_point moment) {
    watch.sends(turn, moment);
    exchange.send(turn);
    turn = (turn + 1) % clients.size();
  });

  times.run(options.warm_up);
  times.judge_anew();
  watch.start();
  const auto usage_before = reading::now(server, exchange.delivered());
  times.run(options.duration);
  const auto usage_after = reading::now(server, exchange.delivered());
  exchange.finish();
  clients.close_all();
  disk.probe_again();

  const auto in_appends = [&](double share) {
    return watch.to_ack().quantile_ms(share) / disk.append_ms();
  };
  nlohmann::ordered_json result{{"mode", "open-loop"},
                                {"ok", true},
                                {"connections", clients.size()},
                                {"rate", options.rate},
                                {"text_bytes", options.text_bytes}};
  result.update(difference(usage_before, usage_after, "delivered"));
  result.update({{"to_ack", watch.to_ack().summary()},
                 {"to_delivery", watch.to_delivery().summary()},
                 {"late", times.late().summary()},
                 {"load_is_bottleneck", says_more_of_load(times.late(), watch.to_ack())},
                 {"append", disk.summary()},
                 {"ack_p50_in_appends", in_appends(0.5)},
                 {"ack_p99_in_appends", in_appends(0.99)}});
  return result;
}

} // namespace load
