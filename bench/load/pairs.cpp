#include "bench/load/plain_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

namespace load {

nlohmann::ordered_json run_pairs(const pairs_options& options) {
  using std::chrono::duration_cast;
  const process server(options.pid);
  swarm clients(options.server, options.pairs * 2, plain_greeting());
  clients.open_all();
  plain_exchange exchange(clients, clients.size(), options.text_bytes);
  bool running = true;
  exchange.on_message([&](std::size_t client, std::uint64_t) {
    if (running)
      exchange.send(client);
  });
  for (std::size_t n = 0; n < options.window; ++n)
    for (std::size_t i = 0; i < clients.size(); ++i)
      exchange.send(i);

  const auto run_for = [&](seconds time) {
    clients.run_until(swarm::clock::now() + duration_cast<swarm::clock::duration>(time));
    return reading::now(server, exchange.delivered());
  };
  const auto begin = run_for(options.warm_up);
  const auto end = run_for(options.duration);
  running = false;
  exchange.finish();
  clients.close_all();

  nlohmann::ordered_json result{{"mode", "pairs"},
                                {"ok", true},
                                {"connections", clients.size()},
                                {"window", options.window},
                                {"text_bytes", options.text_bytes},
                                {"delivered_in_all", exchange.delivered()}};
  result.update(difference(begin, end, "delivered"));
  return result;
}

} // namespace load
