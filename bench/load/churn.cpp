#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/tokens.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace load {

namespace {

/// Client 2i comes, writes to client 2i + 1, which stays, and leaves when its message has arrived;
/// then it comes again.
class revolving_door {
public:
  revolving_door(swarm& clients, std::size_t text_bytes) : clients_(clients) {
    for (std::size_t i = 0; i < clients.size(); i += 2)
      streams_.emplace_back(i, i + 1, text_bytes);
    clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
    clients.on_open([this](std::size_t client) { write(client); });
    clients.on_end([this](std::size_t client) { come_again(client); });
  }

  void start() {
    for (std::size_t i = 0; i < clients_.size(); i += 2)
      write(i);
  }

  /// Lets everybody leave. Throws `failure` where somebody's message has not arrived.
  void finish() {
    running_ = false;
    clients_.run_out([&] { return gone_ == streams_.size(); });
    if (gone_ < streams_.size())
      throw failure("of " + std::to_string(streams_.size()) + " clients that come and go, " +
                    std::to_string(gone_) + " could leave");
    clients_.on_end({});
  }

  std::uint64_t cycles() const { return cycles_; }

private:
  void write(std::size_t client) { clients_.send(client, streams_[client / 2].next()); }

  void take(std::size_t client, std::string_view text) {
    if (string_field(text, "type") != "usermsg")
      return check_notice(text);
    if (client % 2 == 0)
      throw failure(user_name(client) + " was sent: " + shortened(text));
    streams_[client / 2].take(text);
    clients_.close(client - 1);
  }

  void come_again(std::size_t client) {
    ++cycles_;
    if (running_)
      return clients_.open(client);
    ++gone_;
  }

  swarm& clients_;
  std::vector<plain_stream> streams_;
  bool running_ = true;
  std::size_t gone_ = 0;
  std::uint64_t cycles_ = 0;
};

} // namespace

nlohmann::ordered_json run_churn(const churn_options& options) {
  const process server(options.pid);
  const auto count = options.at_once * 2;
  swarm clients(options.server, count, plain_greeting_with_tokens(options.token_key, count));
  clients.open_all();
  revolving_door door(clients, options.text_bytes);
  door.start();
  const auto resumed = clients.resumed();
  const auto usage = usage_in(options, clients, server, "cycles", [&] { return door.cycles(); });
  door.finish();
  clients.close_all();

  if (options.server.resumes && clients.resumed() == resumed)
    throw failure("no TLS session was gone on with");
  nlohmann::ordered_json result{{"at_once", options.at_once},
                                {"text_bytes", options.text_bytes},
                                {"tls", clients.tls_form()},
                                {"tls_sessions_resumed", clients.resumed()}};
  result.update(usage);
  return result;
}

} // namespace load
