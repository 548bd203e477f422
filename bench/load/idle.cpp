#include "bench/load/plain_dialect.hpp"
#include "bench/load/probes.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace load {

namespace {

using std::chrono::duration_cast;

nlohmann::ordered_json memory_json(const memory_use& before, const memory_use& now,
                                   std::size_t connections) {
  const auto each = [&](std::int64_t from, std::int64_t to) {
    return static_cast<double>(to - from) * 1024 / static_cast<double>(connections);
  };
  return {{"rss_kib", now.rss},
          {"pss_kib", now.pss},
          {"rss_bytes_per_connection", each(before.rss, now.rss)},
          {"pss_bytes_per_connection", each(before.pss, now.pss)}};
}

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

} // namespace

nlohmann::ordered_json run_idle(const idle_options& options) {
  const process server(options.pid);
  const auto baseline = server.memory();
  extended_clients identities(options.connections);
  swarm clients(options.server, options.connections,
                options.extended ? identities.words() : plain_greeting());
  clients.on_text([&](std::size_t, std::string_view text) {
    if (options.extended)
      check_extended_notice(frame_fields(text));
    else
      check_notice(text);
  });

  const auto begin = swarm::clock::now();
  const auto cpu_at_begin = server.cpu_time();
  clients.open_all();
  const seconds opening = swarm::clock::now() - begin;
  const auto cpu_of_opening = server.cpu_time() - cpu_at_begin;

  clients.run_until(swarm::clock::now() + duration_cast<swarm::clock::duration>(options.settle));
  const auto settled = server.memory();
  const auto pings_before = clients.pings();
  const auto cpu_before = server.cpu_time();
  const auto idle_since = swarm::clock::now();
  clients.run_until(idle_since + duration_cast<swarm::clock::duration>(options.window));
  const seconds idle = swarm::clock::now() - idle_since;
  const auto cpu = server.cpu_time() - cpu_before;
  const auto rested = server.memory();

  const auto pings = clients.pings() - pings_before;
  if (options.extended)
    probe_extended(clients, identities);
  else
    probe_plain(clients);
  clients.close_all();
  return {{"mode", "idle"},
          {"ok", true},
          {"extended", options.extended},
          {"connections", options.connections},
          {"source_addresses", clients.source_addresses()},
          {"open_seconds", opening.count()},
          {"open_cpu_us_per_connection",
           milliseconds(cpu_of_opening) * 1000 / static_cast<double>(options.connections)},
          {"baseline", {{"rss_kib", baseline.rss}, {"pss_kib", baseline.pss}}},
          {"settled", memory_json(baseline, settled, options.connections)},
          {"rested", memory_json(baseline, rested, options.connections)},
          {"idle_seconds", idle.count()},
          {"idle_cpu_ms", milliseconds(cpu)},
          {"idle_cpu_percent_of_a_core", milliseconds(cpu) / (idle.count() * 10)},
          {"pings_answered", pings}};
}

} // namespace load
