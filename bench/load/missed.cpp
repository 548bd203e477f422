#include "bench/load/failure.hpp"
#include "bench/load/filled_store.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/stored_outbox.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace load {

namespace {

/// Where a user's inbox ends, and in which epoch.
inbox_cursor look_up(const target& server, std::size_t user) {
  extended_clients identity(std::vector{user});
  swarm client(server, 1, identity.words());
  client.open_all();
  client.close_all();
  return identity.inbox(0);
}

/// `count` messages to the user, from all writers in turn.
void write_to_reader(const missed_options& options) {
  extended_clients identities(filled_store::writers(options.writers));
  swarm clients(options.server, identities.size(), identities.words());
  clients.open_all();
  std::vector<stored_outbox> outboxes;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    std::vector<stored_outbox::share> shares;
    shares.push_back({stored_stream(identities.user(i), filled_store::reader, options.text_bytes),
                      (options.count + i) / options.writers});
    outboxes.emplace_back(std::move(shares));
  }
  write_all(clients, identities, outboxes, options.window);
  clients.close_all();
}

/// What the reader has missed: by now written.
inbox_cursor have_missed(const missed_options& options) {
  auto cursor = look_up(options.server, filled_store::reader);
  if (!options.filled) {
    write_to_reader(options);
    return cursor;
  }
  if (cursor.head != options.count)
    throw failure("the reader's inbox has " + std::to_string(cursor.head) + " entries");
  cursor.seen = 0;
  return cursor;
}

/// The reader that has come back.
class returned_reader {
public:
  explicit returned_reader(const missed_options& options) {
    for (const auto writer : filled_store::writers(options.writers))
      streams_.emplace(user_name(writer),
                       stored_stream(writer, filled_store::reader, options.text_bytes));
  }

  void take(inbox_cursor& inbox, std::string_view text) {
    const frame_fields frame(text);
    if (frame.text("type") != "usermsg")
      return check_extended_notice(frame);
    inbox.take(frame);
    const auto stream = streams_.find(frame.text("from"));
    if (stream == streams_.end())
      throw failure("missed, but from nobody who wrote: " + shortened(text));
    stream->second.take_message(frame);
    ++taken_;
    last_ = swarm::clock::now();
  }

  /// Throws `failure` where they do not come within a minute.
  void wait_for(swarm& client, std::uint64_t count) const {
    constexpr auto patience = std::chrono::seconds(60);
    client.run_until(swarm::clock::now() + patience, [&] { return taken_ >= count; });
    check(count);
  }

  /// Throws `failure` where more come.
  void expect_no_more_than(std::uint64_t count, swarm& client) const {
    client.run_for(std::chrono::milliseconds(200));
    check(count);
  }

  std::uint64_t taken() const { return taken_; }
  swarm::clock::time_point last() const { return last_; }

private:
  void check(std::uint64_t count) const {
    if (taken_ != count)
      throw failure("of " + std::to_string(count) + " missed messages " + std::to_string(taken_) +
                    " came");
  }

  std::map<std::string, stored_stream, std::less<>> streams_;
  std::uint64_t taken_ = 0;
  swarm::clock::time_point last_;
};

} // namespace

nlohmann::ordered_json run_missed(const missed_options& options) {
  const process server(options.pid);
  const auto cursor = have_missed(options);
  extended_clients identity(std::vector{filled_store::reader});
  identity.resume(0, cursor.epoch, cursor.seen);
  returned_reader reader(options);
  reading begin{};
  auto words = identity.words();
  words.registration = [&, plain = words.registration](std::size_t client) {
    begin = reading::now(server, 0);
    return plain(client);
  };
  swarm client(options.server, 1, std::move(words));
  client.on_text([&](std::size_t, std::string_view text) { reader.take(identity.inbox(0), text); });
  client.open_all();
  reader.wait_for(client, options.count);
  auto usage = difference(begin, reading::now(server, reader.taken()), "delivered");
  usage["seconds"] = seconds(reader.last() - begin.time).count();
  reader.expect_no_more_than(options.count, client);
  client.close_all();

  nlohmann::ordered_json result{
      {"missed", options.count}, {"filled", options.filled}, {"text_bytes", options.text_bytes}};
  result.update(usage);
  return result;
}

} // namespace load
