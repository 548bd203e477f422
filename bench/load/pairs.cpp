#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace load {

namespace {

using std::chrono::duration_cast;

/// The closed loop: client 2i and client 2i + 1 are a pair.
class closed_loop {
public:
  closed_loop(swarm& clients, std::size_t text_bytes) : clients_(clients) {
    for (std::size_t i = 0; i < clients.size(); ++i)
      lanes_.emplace_back(i, partner_of(i), text_bytes);
    clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
  }

  void start(std::size_t window) {
    for (std::size_t n = 0; n < window; ++n)
      for (std::size_t i = 0; i < clients_.size(); ++i)
        send(i);
  }

  /// Sends no more, and throws `failure` unless exactly what is under way still arrives.
  void finish() {
    constexpr auto patience = std::chrono::seconds(10);
    constexpr auto for_what_is_too_much = std::chrono::milliseconds(200);
    running_ = false;
    clients_.run_until(swarm::clock::now() + patience, [&] { return delivered_ == sent_; });
    clients_.run_until(swarm::clock::now() + for_what_is_too_much);
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      if (lanes_[i].sent() != lanes_[i].taken())
        throw failure("of " + std::to_string(lanes_[i].sent()) + " messages from " + user_name(i) +
                      " to " + user_name(partner_of(i)) + ", " + std::to_string(lanes_[i].taken()) +
                      " arrived");
  }

  std::uint64_t delivered() const { return delivered_; }

private:
  static std::size_t partner_of(std::size_t client) { return client ^ 1U; }

  void send(std::size_t from) {
    clients_.send(from, lanes_[from].next());
    ++sent_;
  }

  void take(std::size_t to, std::string_view text) {
    if (string_field(text, "type") != "usermsg")
      return check_notice(text);
    lanes_[partner_of(to)].take(text);
    ++delivered_;
    if (running_)
      send(to);
  }

  swarm& clients_;
  std::vector<message_lane> lanes_; // by sender
  bool running_ = true;
  std::uint64_t sent_ = 0;
  std::uint64_t delivered_ = 0;
};

} // namespace

nlohmann::ordered_json run_pairs(const pairs_options& options) {
  const process server(options.pid);
  swarm clients(options.server, options.pairs * 2, plain_greeting());
  clients.open_all();
  closed_loop loop(clients, options.text_bytes);
  loop.start(options.window);

  const auto run_for = [&](seconds time) {
    clients.run_until(swarm::clock::now() + duration_cast<swarm::clock::duration>(time));
    return reading::now(server, loop.delivered());
  };
  const auto begin = run_for(options.warm_up);
  const auto end = run_for(options.duration);
  loop.finish();
  clients.close_all();

  nlohmann::ordered_json result{{"mode", "pairs"},
                                {"ok", true},
                                {"connections", clients.size()},
                                {"window", options.window},
                                {"text_bytes", options.text_bytes},
                                {"delivered_in_all", loop.delivered()}};
  result.update(difference(begin, end, "delivered"));
  return result;
}

} // namespace load
