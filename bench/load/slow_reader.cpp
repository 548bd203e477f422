#include "bench/load/failure.hpp"
#include "bench/load/intended_moments.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/plain_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/send_schedule.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace load {

namespace {

using clock = swarm::clock;

/// Messages among the clients that read, timed from the moments that they were meant for.
class readers {
public:
  /// The first `count` of the clients.
  readers(swarm& clients, std::size_t count, std::size_t text_bytes)
      : exchange_(clients, count, text_bytes), intended_(count) {
    exchange_.on_message([this](std::size_t client, std::uint64_t number) {
      note(intended_.at(plain_exchange::partner_of(client), number));
    });
  }

  /// The next message of the one whose turn it is.
  void send(clock::time_point intended) {
    intended_.add(turn_, intended);
    exchange_.send(turn_);
    turn_ = (turn_ + 1) % exchange_.size();
  }

  void take(std::size_t client, std::string_view text) { exchange_.take(client, text); }

  /// Only what is meant for a moment from now on counts.
  void start() { measured_from_ = clock::now(); }
  /// What is meant for a moment from now on counts in `during`, no longer in `before`.
  void others_have_stopped() { stopped_at_ = clock::now(); }

  /// Throws `failure` unless exactly what is under way still arrives.
  void finish() { exchange_.finish(); }

  std::size_t size() const { return exchange_.size(); }
  const latencies& before() const { return before_; }
  const latencies& during() const { return during_; }

private:
  void note(clock::time_point intended) {
    if (intended >= stopped_at_)
      during_.add(clock::now() - intended);
    else if (intended >= measured_from_)
      before_.add(clock::now() - intended);
  }

  plain_exchange exchange_;
  std::size_t turn_ = 0;
  intended_moments intended_;
  clock::time_point measured_from_ = clock::time_point::max();
  clock::time_point stopped_at_ = clock::time_point::max();
  latencies before_;
  latencies during_;
};

/// Writes large texts to clients that stop reading at some point: from client `first` + 2k to
/// client `first` + 2k + 1, the slow one.
class flood {
public:
  flood(swarm& clients, std::size_t first, std::size_t text_bytes)
      : clients_(clients), first_(first) {
    for (std::size_t i = first; i < clients.size(); i += 2)
      streams_.emplace_back(i, i + 1, text_bytes);
    endings_.resize(streams_.size());
    clients.on_loss([this](std::size_t client, std::string_view how) { lose(client, how); });
  }

  /// The next message to the slow client whose turn it is.
  void send() {
    clients_.send(first_ + turn_ * 2, streams_[turn_].next());
    turn_ = (turn_ + 1) % streams_.size();
  }

  void take(std::size_t client, std::string_view text) {
    const auto stream = (client - first_) / 2;
    if (string_field(text, "type") == "usermsg")
      streams_[stream].take(text);
    else if (string_field(text, "error") != "not_connected") // which the slow one may be by now
      check_notice(text);
  }

  void stop_reading() {
    for (std::size_t i = first_ + 1; i < clients_.size(); i += 2)
      clients_.stop_reading(i);
  }

  /// Reads on if the server has not closed, until nothing is left. Throws `failure` where that
  /// takes over 20 s.
  void read_rest() {
    constexpr auto patience = std::chrono::seconds(20);
    for (std::size_t stream = 0; stream < streams_.size(); ++stream)
      if (endings_[stream].empty())
        clients_.read_on(first_ + stream * 2 + 1);
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
    for (std::size_t stream = 0; stream < streams_.size(); ++stream)
      if (endings_[stream].empty() && streams_[stream].sent() != streams_[stream].taken())
        return false;
    return true;
  }

  swarm& clients_;
  std::size_t first_;
  std::size_t turn_ = 0;
  std::vector<plain_stream> streams_;
  std::vector<std::string> endings_;
};

/// What became of a time beside the latencies.
struct period {
  std::int64_t peak; ///< the most memory that the server had, in KiB
  latencies late;    ///< the load program with its sends
};

period watch(send_schedule& times, seconds time, const process& server) {
  constexpr int slices = 20;
  times.forget_lateness();
  std::int64_t peak = server.resident();
  for (int i = 0; i < slices; ++i) {
    times.run(time / slices);
    peak = std::max(peak, server.resident());
  }
  return {peak, times.late()};
}

void check_endings(const slow_reader_options& options, const flood& slow) {
  if (options.closed_with.empty())
    return;
  for (const auto& ending : slow.endings())
    if (!ending.empty() && !ending.starts_with(options.closed_with + " "))
      throw failure("a slow reader was not closed with " + options.closed_with + " but: " + ending);
}

nlohmann::ordered_json result_of(const slow_reader_options& options, const readers& reading,
                                 const flood& slow, const period& before, const period& during) {
  const auto closed = std::count_if(slow.endings().begin(), slow.endings().end(),
                                    [](const auto& ending) { return !ending.empty(); });
  return {{"connections", reading.size()},
          {"rate", options.rate},
          {"slow", options.slow},
          {"flood_bytes_per_second", options.rate / static_cast<double>(options.flood_every) *
                                         static_cast<double>(options.flood_bytes)},
          {"before", reading.before().summary()},
          {"during", reading.during().summary()},
          {"p99_during_to_before",
           reading.during().quantile_ms(0.99) / reading.before().quantile_ms(0.99)},
          {"rss_growth_kib", during.peak - before.peak},
          {"slow_closed", closed},
          {"slow_endings", slow.endings()},
          {"load_is_bottleneck", is_mostly_lateness(before.late, reading.before()) ||
                                     is_mostly_lateness(during.late, reading.during())}};
}

} // namespace

nlohmann::ordered_json run_slow_reader(const slow_reader_options& options) {
  const process server(options.pid);
  const auto count = options.connections / 2 * 2;
  swarm clients(options.server, count + options.slow * 2, plain_greeting());
  clients.open_all();
  readers reading(clients, count, options.text_bytes);
  flood slow(clients, count, options.flood_bytes);
  clients.on_text([&](std::size_t client, std::string_view text) {
    if (client < count)
      reading.take(client, text);
    else
      slow.take(client, text);
  });
  std::size_t sent = 0;
  send_schedule times(clients, options.rate, [&](clock::time_point moment) {
    reading.send(moment);
    if (++sent % options.flood_every == 0)
      slow.send();
  });

  times.run(options.warm_up);
  reading.start();
  const auto before = watch(times, options.duration, server);
  slow.stop_reading();
  reading.others_have_stopped();
  const auto during = watch(times, options.duration, server);
  reading.finish();
  slow.read_rest();
  check_endings(options, slow);
  clients.close_all();
  return result_of(options, reading, slow, before, during);
}

} // namespace load
