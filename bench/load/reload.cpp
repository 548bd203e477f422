#include "bench/load/failure.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/paced_exchange.hpp"
#include "bench/load/plain_exchange.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/tokens.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace load {

namespace {

/// Counts how often others have read a file.
class reading_counter {
public:
  /// `file`: empty: nothing is counted.
  explicit reading_counter(const std::string& file)
      : descriptor_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), watching_(!file.empty()) {
    if (descriptor_ < 0)
      throw system_failure("inotify_init1");
    if (watching_ && inotify_add_watch(descriptor_, file.c_str(), IN_CLOSE_NOWRITE) < 0) {
      close(descriptor_);
      throw system_failure(file);
    }
  }
  ~reading_counter() { close(descriptor_); }
  reading_counter(const reading_counter&) = delete;
  reading_counter& operator=(const reading_counter&) = delete;

  bool is_watching() const { return watching_; }

  /// Returns true if it has been read since the last call.
  bool was_read() const {
    alignas(inotify_event) std::array<char, 4096> events;
    return read(descriptor_, events.data(), events.size()) > 0;
  }

private:
  int descriptor_;
  bool watching_;
};

/// Has the server reload at intervals, and looks for the message that takes longest of those that
/// are under way then or meant for shortly after; and, to compare, of those that are meant for as
/// long a time in the middle between two reloads.
class reloads {
public:
  using clock = swarm::clock;

  explicit reloads(const reload_options& options)
      : server_(options.pid), every_(std::chrono::duration_cast<clock::duration>(options.every)),
        window_(every_ / 4), read_anew_(options.read_anew),
        next_(clock::now() + std::chrono::duration_cast<clock::duration>(options.warm_up)) {}

  /// A message that was meant for that moment has arrived.
  void take(clock::time_point intended) {
    const auto now = clock::now();
    if (now >= next_)
      reload(now);
    if (count_ == 0)
      return;
    const auto between = begun_ + every_ / 2;
    if (intended < begun_ + window_)
      after_ = std::max(after_, now - intended);
    else if (intended >= between && intended < between + window_)
      between_ = std::max(between_, now - intended);
  }

  /// Throws `failure` if one of them did nothing.
  nlohmann::ordered_json result() {
    note();
    if (read_anew_.is_watching() && seen_ < count_)
      throw failure("of " + std::to_string(count_) + " reloads " + std::to_string(seen_) +
                    " have read the file");
    return {{"reloads", count_},
            {"after_reload", worst_after_.summary()},
            {"between_reloads", worst_between_.summary()},
            {"later_ms", worst_after_.quantile_ms(1) - worst_between_.quantile_ms(1)}};
  }

private:
  void reload(clock::time_point now) {
    note();
    if (kill(server_, SIGHUP) != 0)
      throw system_failure("SIGHUP");
    ++count_;
    begun_ = now;
    next_ += every_;
  }

  /// What came of the last reload.
  void note() {
    if (count_ == 0)
      return;
    seen_ += read_anew_.was_read() ? 1 : 0;
    worst_after_.add(std::exchange(after_, {}));
    worst_between_.add(std::exchange(between_, {}));
  }

  pid_t server_;
  clock::duration every_;
  clock::duration window_;
  reading_counter read_anew_;
  clock::time_point next_;
  clock::time_point begun_;
  std::uint64_t count_ = 0;
  std::uint64_t seen_ = 0;
  clock::duration after_{};
  clock::duration between_{};
  latencies worst_after_;
  latencies worst_between_;
};

} // namespace

nlohmann::ordered_json run_reload(const reload_options& options) {
  const process server(options.pid);
  const auto count = options.connections / 2 * 2;
  swarm clients(options.server, count, plain_greeting_with_tokens(options.token_key, count));
  clients.open_all();
  plain_exchange exchange(clients, clients.size(), options.text_bytes);
  paced_exchange paced(clients, exchange, options.rate);
  reloads meanwhile(options);
  latencies to_delivery;
  exchange.on_message([&](std::size_t client, std::uint64_t number) {
    const auto sender = plain_exchange::partner_of(client);
    paced.time(to_delivery, sender, number);
    meanwhile.take(paced.intended(sender, number));
  });
  const auto usage = paced.run(options, server);
  auto result = meanwhile.result();
  clients.close_all();
  result.update(usage);
  result.update({{"connections", clients.size()},
                 {"rate", options.rate},
                 {"to_delivery", to_delivery.summary()},
                 {"late", paced.late().summary()},
                 {"load_is_bottleneck", is_mostly_lateness(paced.late(), to_delivery)}});
  return result;
}

} // namespace load
