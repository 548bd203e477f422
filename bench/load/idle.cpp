#include "bench/load/bulk.hpp"
#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/probes.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace load {

namespace {

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

/// What it took until all were registered.
struct opening {
  seconds time;
  std::chrono::nanoseconds cpu;
};

opening watch_opening(swarm& clients, const process& server) {
  const auto begin = swarm::clock::now();
  const auto cpu = server.cpu_time();
  clients.open_all();
  const seconds time = swarm::clock::now() - begin;
  return {time, server.cpu_time() - cpu};
}

/// A time in which nobody says anything.
struct rest {
  memory_use settled; ///< when it began
  memory_use rested;  ///< when it was over
  seconds time;
  std::chrono::nanoseconds cpu;
  std::uint64_t pings;
};

rest watch_rest(swarm& clients, const process& server, seconds window) {
  const auto settled = server.memory();
  const auto pings = clients.pings();
  const auto cpu = server.cpu_time();
  const auto since = swarm::clock::now();
  clients.run_for(window);
  const seconds time = swarm::clock::now() - since;
  const auto used = server.cpu_time() - cpu;
  return {settled, server.memory(), time, used, clients.pings() - pings};
}

/// The memory after everybody has sent and received a lot.
nlohmann::ordered_json after_traffic(swarm& clients, const process& server,
                                     const idle_options& options, const memory_use& baseline,
                                     const memory_use& before) {
  const auto begin = swarm::clock::now();
  send_bulk(clients, options.traffic);
  const seconds time = swarm::clock::now() - begin;
  clients.run_for(options.settle);
  const auto now = server.memory();
  auto result = memory_json(baseline, now, options.connections);
  result["bytes_each"] = options.traffic;
  result["seconds"] = time.count();
  result["to_before"] =
      static_cast<double>(now.rss - baseline.rss) / static_cast<double>(before.rss - baseline.rss);
  return result;
}

nlohmann::ordered_json result_of(const idle_options& options, std::size_t source_addresses,
                                 const memory_use& baseline, const opening& opened,
                                 const rest& idle) {
  return {{"extended", options.extended},
          {"connections", options.connections},
          {"source_addresses", source_addresses},
          {"open_seconds", opened.time.count()},
          {"open_cpu_us_per_connection",
           milliseconds(opened.cpu) * 1000 / static_cast<double>(options.connections)},
          {"baseline", {{"rss_kib", baseline.rss}, {"pss_kib", baseline.pss}}},
          {"settled", memory_json(baseline, idle.settled, options.connections)},
          {"rested", memory_json(baseline, idle.rested, options.connections)},
          {"idle_seconds", idle.time.count()},
          {"idle_cpu_ms", milliseconds(idle.cpu)},
          {"idle_cpu_percent_of_a_core", milliseconds(idle.cpu) / (idle.time.count() * 10)},
          {"pings_answered", idle.pings}};
}

} // namespace

nlohmann::ordered_json run_idle(const idle_options& options) {
  if (options.extended && options.traffic > 0)
    throw failure("--traffic is for plain clients");
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

  const auto opened = watch_opening(clients, server);
  clients.run_for(options.settle);
  const auto idle = watch_rest(clients, server, options.rest);
  auto result = result_of(options, clients.source_addresses(), baseline, opened, idle);
  if (options.traffic > 0)
    result["after_traffic"] = after_traffic(clients, server, options, baseline, idle.rested);
  else if (options.extended)
    probe_extended(clients, identities);
  else
    probe_plain(clients);
  clients.close_all();
  return result;
}

} // namespace load
