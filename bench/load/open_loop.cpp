#include "bench/load/disk.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/stored_exchange.hpp"
#include "bench/load/timetable.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <thread>
#include <vector>

namespace load {

namespace {

using clock = swarm::clock;

/// Times what comes of sends that were meant for given moments.
class stopwatch {
public:
  explicit stopwatch(stored_exchange& exchange, std::size_t clients) : intended_(clients) {
    exchange.on_ack([this](std::size_t client, std::uint64_t number) {
      note(to_ack_, intended_[client][number - 1]);
    });
    exchange.on_message([this](std::size_t client, std::uint64_t number) {
      note(to_delivery_, intended_[client ^ 1U][number - 1]);
    });
  }

  void sends(std::size_t client, clock::time_point intended) {
    intended_[client].push_back(intended);
  }

  /// Only what is meant for a moment from now on counts.
  void start() { measured_from_ = clock::now(); }

  const latencies& to_ack() const { return to_ack_; }
  const latencies& to_delivery() const { return to_delivery_; }

private:
  void note(latencies& where, clock::time_point intended) const {
    if (intended >= measured_from_)
      where.add(clock::now() - intended);
  }

  clock::time_point measured_from_ = clock::time_point::max();
  std::vector<std::vector<clock::time_point>> intended_; ///< by sender
  latencies to_ack_;
  latencies to_delivery_;
};

} // namespace

nlohmann::ordered_json run_open_loop(const open_loop_options& options) {
  const process server(options.pid);
  const auto disk_before = time_appends(options.folder, options.appends).summary();
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
  std::this_thread::sleep_for(options.rest);
  const auto disk_after = time_appends(options.folder, options.appends).summary();

  const auto p50 = watch.to_ack().quantile_ms(0.5);
  const auto append_ms =
      (disk_before.at("p50_ms").get<double>() + disk_after.at("p50_ms").get<double>()) / 2;
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
                 {"append", {{"before", disk_before}, {"after", disk_after}, {"ms", append_ms}}},
                 {"ack_p50_in_appends", p50 / append_ms},
                 {"ack_p99_in_appends", watch.to_ack().quantile_ms(0.99) / append_ms}});
  return result;
}

} // namespace load
