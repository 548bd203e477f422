#include "bench/load/intended_moments.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/plain_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/timetable.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

namespace load {

nlohmann::ordered_json run_rate(const rate_options& options) {
  const process server(options.pid);
  swarm clients(options.server, options.connections / 2 * 2, plain_greeting());
  clients.open_all();
  plain_exchange exchange(clients, clients.size(), options.text_bytes);

  intended_moments intended(clients.size());
  latencies to_delivery;
  exchange.on_message([&](std::size_t client, std::uint64_t number) {
    intended.time(to_delivery, plain_exchange::partner_of(client), number);
  });
  std::size_t turn = 0;
  timetable times(clients, options.rate, [&](timetable::clock::time_point moment) {
    intended.add(turn, moment);
    exchange.send(turn);
    turn = (turn + 1) % clients.size();
  });

  times.run(options.warm_up);
  times.judge_anew();
  intended.start();
  const auto before = reading::now(server, exchange.delivered());
  times.run(options.duration);
  const auto after = reading::now(server, exchange.delivered());
  exchange.finish();
  clients.close_all();

  nlohmann::ordered_json result{{"mode", "rate"},
                                {"ok", true},
                                {"connections", clients.size()},
                                {"rate", options.rate},
                                {"text_bytes", options.text_bytes}};
  result.update(difference(before, after, "delivered"));
  result.update({{"to_delivery", to_delivery.summary()},
                 {"late", times.late().summary()},
                 {"load_is_bottleneck", says_more_of_load(times.late(), to_delivery)}});
  return result;
}

} // namespace load
