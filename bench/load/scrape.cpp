#include "bench/load/latencies.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/probes.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/scraper.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace load {

nlohmann::ordered_json run_scrape(const scrape_options& options) {
  const process server(options.pid);
  swarm clients(options.server, options.connections, plain_greeting());
  clients.on_text([](std::size_t, std::string_view text) { check_notice(text); });
  clients.open_all();
  scraper metrics(options.server);
  latencies taken;
  std::size_t bytes = 0;
  const auto cpu = server.cpu_time();
  while (taken.count() < options.count) {
    const auto begin = swarm::clock::now();
    const auto body = metrics.scrape();
    taken.add(swarm::clock::now() - begin);
    bytes = std::max(bytes, body.size());
  }
  const std::chrono::duration<double, std::micro> used = server.cpu_time() - cpu;
  probe_plain(clients);
  clients.close_all();
  return {{"connections", options.connections},
          {"scrapes", options.count},
          {"scrape", taken.summary()},
          {"bytes", bytes},
          {"server_cpu_us_per_scrape", used.count() / static_cast<double>(options.count)}};
}

} // namespace load
