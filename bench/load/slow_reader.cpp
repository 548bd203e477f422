#include "bench/load/failure.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/plain_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/timetable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace load {

namespace {

using clock = swarm::clock;

/// Writes large texts to clients that stop reading at some point: from client `first` + 2k to
/// client `first` + 2k + 1, the slow one.
class flood {
public:
  flood(swarm& clients, std::size_t first, std::size_t text_bytes)
      : clients_(clients), first_(first) {
    for (std::size_t i = first; i < clients.size(); i += 2)
      lanes_.emplace_back(i, i + 1, text_bytes);
    endings_.resize(lanes_.size());
    clients.on_loss([this](std::size_t client, std::string_view how) { lose(client, how); });
  }

  /// The next message to the slow client whose turn it is.
  void send() {
    clients_.send(first_ + turn_ * 2, lanes_[turn_].next());
    turn_ = (turn_ + 1) % lanes_.size();
  }

  void take(std::size_t client, std::string_view text) {
    const auto lane = (client - first_) / 2;
    if (string_field(text, "type") == "usermsg")
      lanes_[lane].take(text);
    else if (string_field(text, "error") != "not_connected") // which the slow one may be by now
      check_notice(text);
  }

  void stop_reading() {
    for (std::size_t i = first_ + 1; i < clients_.size(); i += 2)
      clients_.stop_reading(i);
  }

  /// Reads on where the server has not closed, until nothing is left. Throws `failure` where that
  /// takes over 20 s.
  void read_rest() {
    constexpr auto patience = std::chrono::seconds(20);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
      if (endings_[lane].empty())
        clients_.read_on(first_ + lane * 2 + 1);
    clients_.run_until(clock::now() + patience, [this] { return is_over(); });
    if (!is_over())
      throw failure("a slow reader that reads again has neither been closed nor sent the rest");
  }

  /// Of each slow client: with what the server closed it; empty: it has been sent everything.
  const std::vector<std::string>& endings() const { return endings_; }

private:
  void lose(std::size_t client, std::string_view how) {
    if (client < first_ || (client - first_) % 2 == 0)
      throw failure("the server closed the connection of " + user_name(client) +
                    ", which does read: " + std::string(how));
    endings_[(client - first_) / 2] = how;
  }

  bool is_over() const {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
      if (endings_[lane].empty() && lanes_[lane].sent() != lanes_[lane].taken())
        return false;
    return true;
  }

  swarm& clients_;
  std::size_t first_;
  std::size_t turn_ = 0;
  std::vector<message_lane> lanes_;
  std::vector<std::string> endings_;
};

/// Lets time pass and returns the most memory that the server had meanwhile, in KiB.
std::int64_t peak_of(timetable& times, seconds time, const process& server) {
  constexpr int slices = 20;
  std::int64_t peak = server.resident();
  for (int i = 0; i < slices; ++i) {
    times.run(time / slices);
    peak = std::max(peak, server.resident());
  }
  return peak;
}

void check_endings(const slow_reader_options& options, const flood& slow) {
  if (options.closed_with.empty())
    return;
  for (const auto& ending : slow.endings())
    if (!ending.empty() && !ending.starts_with(options.closed_with + " "))
      throw failure("a slow reader was not closed with " + options.closed_with + " but: " + ending);
}

} // namespace

nlohmann::ordered_json run_slow_reader(const slow_reader_options& options) {
  const process server(options.pid);
  const auto readers = options.connections / 2 * 2;
  swarm clients(options.server, readers + options.slow * 2, plain_greeting());
  clients.open_all();
  plain_exchange exchange(clients, readers, options.text_bytes);
  flood slow(clients, readers, options.flood_bytes);
  clients.on_text([&](std::size_t client, std::string_view text) {
    if (client < readers)
      exchange.take(client, text);
    else
      slow.take(client, text);
  });

  std::vector<std::vector<clock::time_point>> intended(readers); // by sender
  clock::time_point measured_from = clock::time_point::max();
  clock::time_point stopped_at = clock::time_point::max();
  latencies before;
  latencies during;
  exchange.on_message([&](std::size_t client, std::uint64_t number) {
    const auto moment = intended[plain_exchange::partner_of(client)][number - 1];
    if (moment >= stopped_at)
      during.add(clock::now() - moment);
    else if (moment >= measured_from)
      before.add(clock::now() - moment);
  });
  std::size_t turn = 0;
  timetable times(clients, options.rate, [&](clock::time_point moment) {
    intended[turn % readers].push_back(moment);
    exchange.send(turn % readers);
    if (++turn % options.flood_every == 0)
      slow.send();
  });

  times.run(options.warm_up);
  times.judge_anew();
  measured_from = clock::now();
  const auto peak_before = peak_of(times, options.duration, server);
  const auto late_before = times.late();
  slow.stop_reading();
  stopped_at = clock::now();
  times.judge_anew();
  const auto peak_during = peak_of(times, options.duration, server);
  exchange.finish();
  slow.read_rest();
  check_endings(options, slow);
  clients.close_all();

  const auto closed = std::count_if(slow.endings().begin(), slow.endings().end(),
                                    [](const auto& ending) { return !ending.empty(); });
  return {{"mode", "slow-reader"},
          {"ok", true},
          {"connections", readers},
          {"rate", options.rate},
          {"slow", options.slow},
          {"flood_bytes_per_second", options.rate / static_cast<double>(options.flood_every) *
                                         static_cast<double>(options.flood_bytes)},
          {"before", before.summary()},
          {"during", during.summary()},
          {"p99_during_to_before", during.quantile_ms(0.99) / before.quantile_ms(0.99)},
          {"rss_growth_kib", peak_during - peak_before},
          {"slow_closed", closed},
          {"slow_endings", slow.endings()},
          {"load_is_bottleneck",
           says_more_of_load(late_before, before) || says_more_of_load(times.late(), during)}};
}

} // namespace load
