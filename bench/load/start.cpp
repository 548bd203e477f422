#include "bench/load/child_server.hpp"
#include "bench/load/extended_dialect.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"

#include <nlohmann/json.hpp>

namespace load {

nlohmann::ordered_json run_start(const start_options& options) {
  latencies ready;
  latencies upgraded;
  latencies registered;
  latencies stopped;
  latencies cpu;
  std::int64_t rss = 0;
  while (ready.count() < options.repeat) {
    child_server server(options.command);
    extended_clients identity(1);
    auto words = identity.words();
    words.registration = [&, plain = words.registration](std::size_t client) {
      upgraded.add(swarm::clock::now() - server.started());
      return plain(client);
    };
    swarm client({"127.0.0.1", server.port(), options.path}, 1, std::move(words));
    client.open_all();
    registered.add(swarm::clock::now() - server.started());
    ready.add(server.ready() - server.started());
    const process used(server.id());
    cpu.add(used.cpu_time());
    rss = used.memory().rss;
    client.close_all();
    const auto before_stop = swarm::clock::now();
    server.stop();
    stopped.add(swarm::clock::now() - before_stop);
  }
  return {{"ready", ready.summary()},
          {"first_connection", upgraded.summary()},
          {"first_registration", registered.summary()},
          {"stop", stopped.summary()},
          {"cpu", cpu.summary()},
          {"rss_kib", rss}};
}

} // namespace load
