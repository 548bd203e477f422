#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace load {

namespace {

/// All clients but the first write to the first.
class funnel {
public:
  funnel(swarm& clients, std::size_t text_bytes) : clients_(clients) {
    for (std::size_t i = 1; i < clients.size(); ++i) {
      lanes_.emplace_back(i, recipient, text_bytes);
      senders_.emplace(user_name(i), i);
    }
    clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
  }

  void start(std::size_t window) {
    for (std::size_t n = 0; n < window; ++n)
      for (std::size_t i = 1; i < clients_.size(); ++i)
        send(i);
  }

  /// Sends no more, and throws `failure` unless exactly what is under way still arrives.
  void finish() {
    constexpr auto patience = std::chrono::seconds(10);
    constexpr auto for_what_is_too_much = std::chrono::milliseconds(200);
    running_ = false;
    clients_.run_until(swarm::clock::now() + patience, [&] { return legacy_delivered_ == sent_; });
    clients_.run_until(swarm::clock::now() + for_what_is_too_much);
    for (std::size_t i = 1; i < clients_.size(); ++i)
      if (lane_of(i).sent() != lane_of(i).taken())
        throw failure("of " + std::to_string(lane_of(i).sent()) + " messages from " + user_name(i) +
                      ", " + std::to_string(lane_of(i).taken()) + " arrived");
  }

  std::uint64_t taken() const { return legacy_delivered_; }

private:
  static constexpr std::size_t recipient = 0;

  message_lane& lane_of(std::size_t sender) { return lanes_[sender - 1]; }

  void send(std::size_t from) {
    clients_.send(from, lane_of(from).next());
    ++sent_;
  }

  void take(std::size_t to, std::string_view text) {
    if (string_field(text, "type") != "usermsg")
      return check_notice(text);
    const auto sender = senders_.find(string_field(text, "name"));
    if (to != recipient || sender == senders_.end())
      throw failure(user_name(to) + " was sent: " + shortened(text));
    lane_of(sender->second).take(text);
    ++legacy_delivered_;
    if (running_)
      send(sender->second);
  }

  swarm& clients_;
  std::vector<message_lane> lanes_;
  std::map<std::string, std::size_t, std::less<>> senders_; ///< by name
  bool running_ = true;
  std::uint64_t sent_ = 0;
  std::uint64_t legacy_delivered_ = 0;
};

} // namespace

nlohmann::ordered_json run_fan_in(const fan_in_options& options) {
  using std::chrono::duration_cast;
  const process server(options.pid);
  swarm clients(options.server, options.senders + 1, plain_greeting());
  clients.open_all();
  funnel all(clients, options.text_bytes);
  all.start(options.window);
  const auto run_for = [&](seconds time) {
    clients.run_until(swarm::clock::now() + duration_cast<swarm::clock::duration>(time));
    return reading::now(server, all.taken());
  };
  const auto begin = run_for(options.warm_up);
  const auto end = run_for(options.duration);
  all.finish();
  clients.close_all();

  nlohmann::ordered_json result{{"mode", "fan-in"},
                                {"ok", true},
                                {"senders", options.senders},
                                {"window", options.window},
                                {"text_bytes", options.text_bytes}};
  result.update(difference(begin, end, "delivered"));
  return result;
}

} // namespace load
