#include "bench/load/plain_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/scraper.hpp"
#include "bench/load/stored_exchange.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

namespace load {

namespace {

/// Keeps the windows of all clients full, who are open, and measures.
template<class Exchange>
nlohmann::ordered_json run_full_windows(const pairs_options& options, const process& server,
                                        swarm& clients, Exchange& exchange) {
  bool running = true;
  exchange.on_message([&](std::size_t client, std::uint64_t) {
    if (running)
      exchange.send(client);
  });
  regular_scrapes scrapes(options.server, options.scrape_every);
  for (std::size_t n = 0; n < options.window; ++n)
    for (std::size_t i = 0; i < clients.size(); ++i)
      exchange.send(i);
  const auto usage = usage_in(
      options, clients, server, "delivered", [&] { return exchange.delivered(); }, options.beside);
  running = false;
  const auto scraped = scrapes.end();
  exchange.finish();
  clients.close_all();

  nlohmann::ordered_json result{{"connections", clients.size()},
                                {"window", options.window},
                                {"text_bytes", options.text_bytes},
                                {"delivered_in_all", exchange.delivered()},
                                {"scrapes", scraped}};
  result.update(usage);
  return result;
}

} // namespace

nlohmann::ordered_json run_pairs(const pairs_options& options) {
  const process server(options.pid);
  swarm clients(options.server, options.pairs * 2, plain_greeting());
  clients.open_all();
  plain_exchange exchange(clients, clients.size(), options.text_bytes);
  return run_full_windows(options, server, clients, exchange);
}

nlohmann::ordered_json run_stored_pairs(const pairs_options& options) {
  const process server(options.pid);
  extended_clients identities(options.pairs * 2);
  swarm clients(options.server, identities.size(), identities.words());
  clients.open_all();
  stored_exchange exchange(clients, identities, options.text_bytes);
  return run_full_windows(options, server, clients, exchange);
}

} // namespace load
