#include "bench/load/latencies.hpp"
#include "bench/load/paced_exchange.hpp"
#include "bench/load/plain_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"

#include <nlohmann/json.hpp>

namespace load {

nlohmann::ordered_json run_rate(const fixed_rate_options& options) {
  const process server(options.pid);
  swarm clients(options.server, options.connections / 2 * 2, plain_greeting());
  clients.open_all();
  plain_exchange exchange(clients, clients.size(), options.text_bytes);
  paced_exchange paced(clients, exchange, options.rate);
  latencies to_delivery;
  exchange.on_message([&](std::size_t client, std::uint64_t number) {
    paced.time(to_delivery, plain_exchange::partner_of(client), number);
  });
  const auto usage = paced.run(options, server);
  clients.close_all();

  nlohmann::ordered_json result{
      {"connections", clients.size()}, {"rate", options.rate}, {"text_bytes", options.text_bytes}};
  result.update(usage);
  result.update({{"to_delivery", to_delivery.summary()},
                 {"late", paced.late().summary()},
                 {"load_is_bottleneck", is_mostly_lateness(paced.late(), to_delivery)}});
  return result;
}

} // namespace load
