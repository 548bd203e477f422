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
      streams_.emplace_back(i, recipient, text_bytes);
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
    running_ = false;
    clients_.run_out([&] { return taken_ == sent_; });
    for (std::size_t i = 1; i < clients_.size(); ++i)
      if (stream_of(i).sent() != stream_of(i).taken())
        throw failure("of " + std::to_string(stream_of(i).sent()) + " messages from " +
                      user_name(i) + ", " + std::to_string(stream_of(i).taken()) + " arrived");
  }

  std::uint64_t taken() const { return taken_; }

private:
  static constexpr std::size_t recipient = 0;

  plain_stream& stream_of(std::size_t sender) { return streams_[sender - 1]; }

  void send(std::size_t from) {
    clients_.send(from, stream_of(from).next());
    ++sent_;
  }

  void take(std::size_t to, std::string_view text) {
    if (string_field(text, "type") != "usermsg")
      return check_notice(text);
    const auto sender = senders_.find(string_field(text, "name"));
    if (to != recipient || sender == senders_.end())
      throw failure(user_name(to) + " was sent: " + shortened(text));
    stream_of(sender->second).take(text);
    ++taken_;
    if (running_)
      send(sender->second);
  }

  swarm& clients_;
  std::vector<plain_stream> streams_;
  std::map<std::string, std::size_t, std::less<>> senders_; ///< by name
  bool running_ = true;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
};

} // namespace

nlohmann::ordered_json run_fan_in(const fan_in_options& options) {
  const process server(options.pid);
  swarm clients(options.server, options.senders + 1, plain_greeting());
  clients.open_all();
  funnel all(clients, options.text_bytes);
  all.start(options.window);
  const auto usage = usage_in(options, clients, server, "delivered", [&] { return all.taken(); });
  all.finish();
  clients.close_all();

  nlohmann::ordered_json result{
      {"senders", options.senders}, {"window", options.window}, {"text_bytes", options.text_bytes}};
  result.update(usage);
  return result;
}

} // namespace load
