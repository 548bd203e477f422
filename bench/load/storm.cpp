#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"
#include "bench/load/probes.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/stored_outbox.hpp"
#include "bench/load/tokens.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace load {

namespace {

/// Time for the server to see that connections are gone.
constexpr std::chrono::milliseconds settling{500};

nlohmann::ordered_json result_of(const storm_options& options,
                                 const nlohmann::ordered_json& usage) {
  nlohmann::ordered_json result{{"connections", options.connections},
                                {"at_once", options.at_once},
                                {"missed", options.missed}};
  result.update(usage);
  return result;
}

/// The clients whose inboxes fill up while they are away, and those who write to them.
class absentees {
public:
  explicit absentees(const storm_options& options)
      : options_(options), identities_(options.connections) {
    for (std::size_t i = 0; i < options.connections; ++i)
      streams_.emplace_back(writer_of(i), i, options.text_bytes);
  }

  void leave_and_miss() {
    swarm clients(options_.server, identities_.size(), identities_.words());
    clients.open_all();
    clients.drop_all();
    for (std::size_t i = 0; i < identities_.size(); ++i)
      identities_.resume(i, std::string(identities_.inbox(i).epoch), identities_.inbox(i).seen);
    write();
  }

  void take(std::size_t client, std::string_view text) {
    const frame_fields frame(text);
    if (frame.text("type") != "usermsg")
      return check_extended_notice(frame);
    identities_.inbox(client).take(frame);
    streams_[client].take_message(frame);
    ++taken_;
    whole_ += streams_[client].taken() == options_.missed ? 1 : 0;
  }

  greeting words() { return identities_.words(); }
  bool all_there() const { return whole_ == streams_.size(); }
  std::uint64_t taken() const { return taken_; }

private:
  static constexpr std::size_t writers = 4;

  std::size_t writer_of(std::size_t client) const {
    return options_.connections + client % writers;
  }

  void write() {
    std::vector<std::size_t> users;
    std::vector<stored_outbox> outboxes;
    for (std::size_t w = 0; w < writers && w < options_.connections; ++w) {
      std::vector<stored_outbox::share> shares;
      for (std::size_t i = w; i < options_.connections; i += writers)
        shares.push_back({stored_stream(writer_of(w), i, options_.text_bytes), options_.missed});
      users.push_back(writer_of(w));
      outboxes.emplace_back(std::move(shares));
    }
    extended_clients identities(users);
    swarm clients(options_.server, users.size(), identities.words());
    clients.open_all();
    write_all(clients, identities, outboxes, options_.window);
    clients.close_all();
  }

  const storm_options& options_;
  extended_clients identities_;
  std::vector<stored_stream> streams_;
  std::size_t whole_ = 0;
  std::uint64_t taken_ = 0;
};

/// What it takes until all are registered and `have_all` returns.
nlohmann::ordered_json usage_of_return(const storm_options& options, swarm& clients,
                                       const process& server,
                                       const std::function<void()>& have_all) {
  std::uint64_t returned = 0;
  const auto come_back = [&] {
    clients.open_all(options.at_once);
    have_all();
    returned = clients.size();
  };
  return usage_of(come_back, server, "returned", [&] { return returned; });
}

nlohmann::ordered_json run_with_missed(const storm_options& options) {
  const process server(options.pid);
  absentees away(options);
  away.leave_and_miss();
  swarm clients(options.server, options.connections, away.words());
  clients.on_text([&](std::size_t client, std::string_view text) { away.take(client, text); });
  const auto usage = usage_of_return(options, clients, server, [&] {
    constexpr auto patience = std::chrono::seconds(60);
    clients.run_until(swarm::clock::now() + patience, [&] { return away.all_there(); });
  });
  clients.run_for(std::chrono::milliseconds(200));
  if (!away.all_there() || away.taken() != options.connections * options.missed)
    throw failure("of " + std::to_string(options.connections * options.missed) +
                  " missed messages " + std::to_string(away.taken()) + " came");
  clients.close_all();
  return result_of(options, usage);
}

} // namespace

nlohmann::ordered_json run_storm(const storm_options& options) {
  if (options.missed > 0)
    return run_with_missed(options);
  const process server(options.pid);
  swarm clients(options.server, options.connections,
                plain_greeting_with_tokens(options.token_key, options.connections));
  clients.on_text([](std::size_t, std::string_view text) { check_notice(text); });
  clients.open_all();
  clients.drop_all();
  clients.run_for(settling);
  const auto usage = usage_of_return(options, clients, server, [] {});
  probe_plain(clients);
  clients.close_all();
  return result_of(options, usage);
}

} // namespace load
