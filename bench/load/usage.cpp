#include "bench/load/usage.hpp"

#include "bench/load/failure.hpp"

#include <nlohmann/json.hpp>

namespace load {

reading reading::now(const process& server, std::uint64_t done, const helpers& beside) {
  reading result{
      swarm::clock::now(), server.cpu_time(), server.read_from_disk(), own_thread_time(), done, {}};
  for (const auto& [name, families] : beside)
    for (const auto& each : families)
      result.beside[name] += each.cpu_time();
  return result;
}

nlohmann::ordered_json difference(const reading& from, const reading& to, const std::string& what) {
  const seconds time = to.time - from.time;
  const auto share = [&](std::chrono::nanoseconds used) { return seconds(used) / time; };
  const auto done = static_cast<double>(to.done - from.done);
  const auto us_each = [&](std::chrono::nanoseconds used) {
    return std::chrono::duration<double, std::micro>(used).count() / done;
  };
  if (to.done == from.done)
    throw failure("nothing was " + what + " in the measured time");
  const auto ran = to.own.ran - from.own.ran;
  const auto busy = share(ran + (to.own.waited - from.own.waited));
  nlohmann::ordered_json result{
      {"seconds", time.count()},
      {what, to.done - from.done},
      {what + "_per_second", done / time.count()},
      {"server_cpu_us_per_message", us_each(to.server - from.server)},
      {"server_cores", share(to.server - from.server)},
      {"server_read_mib",
       static_cast<double>(to.read_from_disk - from.read_from_disk) / (1U << 20U)},
      {"load_cpu_us_per_message", us_each(ran)},
      {"load_cpu_share", share(ran)},
      {"load_busy_share", busy},
      {"load_is_bottleneck", busy >= bottleneck_share}};
  for (const auto& [name, used] : to.beside) {
    const auto taken = used - from.beside.at(name);
    result[name + "_cpu_us_per_message"] = us_each(taken);
    result[name + "_cores"] = share(taken);
  }
  return result;
}

nlohmann::ordered_json usage_of(const std::function<void()>& run, const process& server,
                                const std::string& what, const counter& done,
                                const helpers& beside) {
  const auto before = reading::now(server, done(), beside);
  run();
  return difference(before, reading::now(server, done(), beside), what);
}

nlohmann::ordered_json usage_in(const time_options& times, swarm& clients, const process& server,
                                const std::string& what, const counter& done,
                                const helpers& beside) {
  clients.run_for(times.warm_up);
  return usage_of([&] { clients.run_for(times.duration); }, server, what, done, beside);
}

} // namespace load
