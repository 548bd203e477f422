#include "bench/load/disk.hpp"
#include "bench/load/failure.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/stored_exchange.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <sys/prctl.h>
#include <thread>
#include <vector>

namespace load {

namespace {

using clock = swarm::clock;
using std::chrono::duration_cast;

/// Where half of the latency or more is the load program's being late with a send, the latency says
/// more about the load program.
constexpr double late_share = 0.5;

/// Sends at given moments, whatever comes back, each time from the next client.
class timetable {
public:
  timetable(swarm& clients, stored_exchange& exchange, double rate)
      : clients_(clients), exchange_(exchange),
        step_(duration_cast<clock::duration>(seconds(1 / rate))), intended_(clients.size()) {
    exchange.on_ack([this](std::size_t client, std::uint64_t number) {
      note(to_ack_, intended_[client][number - 1]);
    });
    exchange.on_message([this](std::size_t client, std::uint64_t number) {
      note(to_delivery_, intended_[client ^ 1U][number - 1]);
    });
  }

  /// Sends for that long. Only what was meant for a moment from `measured_from` on counts.
  void run(clock::time_point begin, clock::time_point measured_from, clock::time_point end) {
    measured_from_ = measured_from;
    std::size_t client = 0;
    for (auto moment = begin; moment < end;) {
      clients_.run_until(moment);
      for (const auto now = clock::now(); moment <= now && moment < end; moment += step_) {
        intended_[client].push_back(moment);
        exchange_.send(client);
        if (moment >= measured_from_)
          late_.add(now - moment);
        client = (client + 1) % clients_.size();
      }
    }
  }

  const latencies& to_ack() const { return to_ack_; }
  const latencies& to_delivery() const { return to_delivery_; }
  const latencies& late() const { return late_; }

private:
  void note(latencies& where, clock::time_point intended) const {
    if (intended >= measured_from_)
      where.add(clock::now() - intended);
  }

  swarm& clients_;
  stored_exchange& exchange_;
  clock::duration step_;
  clock::time_point measured_from_;
  std::vector<std::vector<clock::time_point>> intended_; ///< by sender
  latencies to_ack_;
  latencies to_delivery_;
  latencies late_;
};

} // namespace

nlohmann::ordered_json run_open_loop(const open_loop_options& options) {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // ns; 50 µs otherwise
  const process server(options.pid);
  const auto disk_before = time_appends(options.folder, options.appends).summary();
  extended_clients identities(options.connections / 2 * 2);
  swarm clients(options.server, identities.size(), identities.words());
  clients.open_all();
  stored_exchange exchange(clients, identities, options.text_bytes);
  timetable times(clients, exchange, options.rate);

  const auto begin = clock::now();
  const auto measured = begin + duration_cast<clock::duration>(options.warm_up);
  const auto usage_before = reading::now(server, exchange.delivered());
  times.run(begin, measured, measured + duration_cast<clock::duration>(options.duration));
  const auto usage_after = reading::now(server, exchange.delivered());
  exchange.finish();
  clients.close_all();
  std::this_thread::sleep_for(options.rest);
  const auto disk_after = time_appends(options.folder, options.appends).summary();

  const auto p50 = times.to_ack().quantile_ms(0.5);
  const auto append_ms =
      (disk_before.at("p50_ms").get<double>() + disk_after.at("p50_ms").get<double>()) / 2;
  nlohmann::ordered_json result{{"mode", "open-loop"},
                                {"ok", true},
                                {"connections", clients.size()},
                                {"rate", options.rate},
                                {"text_bytes", options.text_bytes}};
  result.update(difference(usage_before, usage_after, "delivered"));
  result.update({{"to_ack", times.to_ack().summary()},
                 {"to_delivery", times.to_delivery().summary()},
                 {"late", times.late().summary()},
                 {"load_is_bottleneck", times.late().quantile_ms(0.5) > p50 * late_share ||
                                            times.late().quantile_ms(0.99) >
                                                times.to_ack().quantile_ms(0.99) * late_share},
                 {"append", {{"before", disk_before}, {"after", disk_after}, {"ms", append_ms}}},
                 {"ack_p50_in_appends", p50 / append_ms},
                 {"ack_p99_in_appends", times.to_ack().quantile_ms(0.99) / append_ms}});
  return result;
}

} // namespace load
