#include "bench/load/failure.hpp"
#include "bench/load/filled_store.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/stored_outbox.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace load {

namespace {

using share = stored_outbox::share;

/// What each client writes, and who each client is.
struct plan {
  std::vector<std::size_t> users;
  std::vector<stored_outbox> outboxes;

  void add(std::size_t user, std::vector<share> shares) {
    users.push_back(user);
    outboxes.emplace_back(std::move(shares));
  }
};

/// Part `index` of `whole` in `parts` parts, as equal as they can be.
std::uint64_t part(std::uint64_t whole, std::size_t parts, std::size_t index) {
  return whole * (index + 1) / parts - whole * index / parts;
}

plan plan_of(const fill_options& options) {
  const auto stream = [&](std::size_t from, std::size_t to) {
    return stored_stream(from, to, options.text_bytes);
  };
  const auto single = [&](std::size_t from, std::size_t to, std::uint64_t count) {
    std::vector<share> shares;
    shares.push_back({stream(from, to), count});
    return shares;
  };
  plan result;
  using namespace filled_store;
  result.add(long_writer, single(long_writer, long_reader, options.in_long));
  result.add(short_writer, single(short_writer, short_reader, options.in_short));
  for (std::size_t i = 0; i < options.writers; ++i) {
    const auto writer = first_writer + i;
    const auto conversations = part(options.conversations, options.writers, i);
    const auto messages = part(options.others, options.writers, i);
    auto shares = single(writer, reader, part(options.missed, options.writers, i));
    for (std::size_t k = 0; k < conversations; ++k)
      shares.push_back({stream(writer, first_recipient + k * options.writers + i),
                        part(messages, conversations, k)});
    result.add(writer, std::move(shares));
  }
  return result;
}

} // namespace

nlohmann::ordered_json run_fill(const fill_options& options) {
  const process server(options.pid);
  auto planned = plan_of(options);
  extended_clients identities(planned.users);
  swarm clients(options.server, identities.size(), identities.words());
  clients.open_all();
  std::uint64_t stored = 0;
  const auto usage = usage_of(
      [&] { write_all(clients, identities, planned.outboxes, options.window, [&] { ++stored; }); },
      server, "stored", [&] { return stored; });
  clients.close_all();

  nlohmann::ordered_json result{{"connections", clients.size()},
                                {"conversations", options.conversations + options.writers + 2},
                                {"window", options.window},
                                {"text_bytes", options.text_bytes}};
  result.update(usage);
  return result;
}

} // namespace load
