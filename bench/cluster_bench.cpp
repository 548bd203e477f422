// What stores and buses of a cluster take by themselves. Prints one JSON object; see --help.
#include "actors/cluster/bus_link.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/process_family.hpp"
#include "messages/bus/bus_frame.hpp"
#include "net/bus/nats_bus.hpp"
#include "net/bus/postgres_bus.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace klatch;
using namespace klatch::store;
using json = nlohmann::ordered_json;
using clock_type = std::chrono::steady_clock;
using std::chrono::nanoseconds;

struct options {
  std::string url;    ///< of the database
  std::string folder; ///< of a store in SQLite, instead
  std::string bus;    ///< the URL of a NATS server; empty: PostgreSQL
  pid_t postgres = 0; ///< the server's first process
  std::size_t users = 50'000;
  std::size_t partners = 5; ///< whom each of them writes to
  std::size_t batch = 100;
  std::size_t frames = 2'000;
  std::vector<std::size_t> counts{1'000, 10'000};
  double warm_up = 2;
  double duration = 5;
};

double us(nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }

nanoseconds time_of(clockid_t which) {
  timespec value{};
  clock_gettime(which, &value);
  return std::chrono::seconds{value.tv_sec} + nanoseconds{value.tv_nsec};
}

project_id project() { return *project_id::parse("bench"); }
user_id user(std::size_t number) {
  return *user_id::parse(std::string{"user"}.append(std::to_string(number)));
}

std::int64_t number_of(const options& with, const char* sql) {
  const postgres_statement query{"bench", sql};
  return postgres_connection{{.url = with.url}}.run(query).integer(0, 0);
}

// -- a database -----------------------------------------------------------------------------------

/// Users, and conversations of each with the `partners` next ones, with ids in no order.
void make_rows(const options& with) {
  const auto users = std::to_string(with.users);
  postgres_connection{{.url = with.url, .call_timeout = std::chrono::minutes{5}}}.run_script(
      "SET statement_timeout=0; INSERT INTO account(project, name) SELECT 'bench', "
      "('user' || i)::bytea FROM generate_series(0, " +
      users +
      "-1) i ORDER BY random();"
      "WITH numbered AS MATERIALIZED (SELECT id, substr(convert_from(name, 'UTF8'), 5)::int AS i "
      "FROM account WHERE project='bench') "
      "INSERT INTO conversation(low, high) SELECT least(a.id, b.id), greatest(a.id, b.id) "
      "FROM numbered a CROSS JOIN generate_series(1, " +
      std::to_string(with.partners) + ") k JOIN numbered b ON b.i=(a.i+k)%" + users +
      " ORDER BY random();"
      "INSERT INTO member(owner, talk) SELECT low, id FROM conversation UNION "
      "SELECT high, id FROM conversation;"
      "INSERT INTO counter(id) SELECT id FROM account UNION ALL SELECT id FROM conversation;"
      "ANALYZE");
  postgres_connection{{.url = with.url, .call_timeout = std::chrono::minutes{5}}}.run_script(
      "CHECKPOINT");
}

/// Messages from anybody to one of the partners.
class writer {
public:
  explicit writer(const options& with) : with_(with), text_(120, 'x') {}

  std::span<const operation> batch(std::size_t size) {
    messages_.clear();
    while (messages_.size() < size)
      messages_.emplace_back(new_message{message()});
    return messages_;
  }

  std::vector<operation> one_in_each_conversation() {
    std::vector<operation> all;
    for (std::size_t from = 0; from < with_.users; ++from)
      for (std::size_t k = 1; k <= with_.partners; ++k)
        all.emplace_back(new_message{message(from, (from + k) % with_.users)});
    std::shuffle(all.begin(), all.end(), random_);
    return all;
  }

  message_content message() {
    auto from = random_() % with_.users;
    auto to = (from + 1 + random_() % with_.partners) % with_.users;
    if (random_() % 2 == 0)
      std::swap(from, to);
    return message(from, to);
  }

private:
  message_content message(std::size_t from, std::size_t to) {
    std::array<char, 37> cid{};
    const auto high = random_();
    const auto low = random_();
    std::snprintf(cid.data(), cid.size(), "%08x-%04x-4%03x-8%03x-%012llx",
                  static_cast<unsigned>(high), static_cast<unsigned>(high >> 32 & 0xFFFF),
                  static_cast<unsigned>(high >> 48 & 0xFFF), static_cast<unsigned>(low >> 52),
                  static_cast<unsigned long long>(low & 0xFFFFFFFFFFFF));
    return {.project = project_,
            .from = user(from),
            .conversation = conversation_id::dialogue(user(from), user(to)),
            .cid = cid.data(),
            .name = "Somebody",
            .color = "#3366CC",
            .text = text_};
  }

  const options& with_;
  std::string text_;
  std::mt19937_64 random_{std::random_device{}()};
  project_id project_ = project();
  std::vector<operation> messages_;
};

// -- append ---------------------------------------------------------------------------------------

/// One writer, which appends batch after batch.
class append_run {
public:
  append_run(message_store& store, const options& with)
      : store_(store), with_(with), source_(with) {}

  void run_for(double seconds) {
    const auto cpu = time_of(CLOCK_THREAD_CPUTIME_ID);
    const auto begin = clock_type::now();
    const auto end = begin + std::chrono::duration<double>(seconds);
    messages_ = 0;
    own_ = {};
    times_ = {};
    for (; clock_type::now() < end; messages_ += static_cast<double>(with_.batch))
      append(source_.batch(with_.batch));
    seconds_ = clock_type::now() - begin;
    load_ = time_of(CLOCK_THREAD_CPUTIME_ID) - cpu - own_;
  }

  /// Of the last run, as is what follows.
  double messages() const { return messages_; }
  double per_message(nanoseconds time) const { return us(time) / messages_; }
  /// Of the thread that writes, in the store.
  nanoseconds own() const { return own_; }
  /// Of the same thread, to make the messages.
  nanoseconds load() const { return load_; }
  json summary() const {
    return {{"batch", with_.batch},
            {"users", with_.users},
            {"messages_per_second", messages_ / seconds_.count()},
            {"own_cpu_us_per_message", per_message(own_)},
            {"append", times_.summary()}};
  }

  void append(std::span<const operation> messages) {
    const auto cpu = time_of(CLOCK_THREAD_CPUTIME_ID);
    const auto begin = clock_type::now();
    store_.append(messages, now_ms);
    times_.add(clock_type::now() - begin);
    store_.upkeep();
    own_ += time_of(CLOCK_THREAD_CPUTIME_ID) - cpu;
  }

private:
  static constexpr std::int64_t now_ms = 1'700'000'000'000;

  message_store& store_;
  const options& with_;
  writer source_;
  double messages_ = 0;
  std::chrono::duration<double> seconds_{};
  nanoseconds own_{};
  nanoseconds load_{};
  load::latencies times_;
};

json run_postgres_append(const options& with) {
  auto node = open_postgres_cluster({.url = with.url});
  make_rows(with);
  const auto store = node.make_store();
  const load::process_family server{with.postgres};
  append_run run{*store, with};
  run.run_for(with.warm_up);
  constexpr auto* wal = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8";
  const auto wal_before = number_of(with, wal);
  const auto cpu_before = server.cpu_time();
  run.run_for(with.duration);
  const auto cpu = server.cpu_time() - cpu_before;
  auto result = run.summary();
  result["postgres_cpu_us_per_message"] = run.per_message(cpu);
  result["cpu_us_per_message"] = run.per_message(cpu + run.own());
  result["wal_bytes_per_message"] =
      static_cast<double>(number_of(with, wal) - wal_before) / run.messages();
  return result;
}

/// The same with SQLite in this process, which has other threads too.
json run_sqlite_append(const options& with) {
  const auto store = open_sqlite_store(with.folder);
  writer source{with};
  const auto first = source.one_in_each_conversation();
  constexpr std::size_t at_once = 1'000;
  for (std::size_t done = 0; done < first.size(); done += at_once) {
    store->append(std::span{first}.subspan(done, std::min(at_once, first.size() - done)), 0);
    store->upkeep();
  }
  append_run run{*store, with};
  run.run_for(with.warm_up);
  const auto cpu_before = time_of(CLOCK_PROCESS_CPUTIME_ID);
  run.run_for(with.duration);
  const auto cpu = time_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before - run.load();
  auto result = run.summary();
  result["cpu_us_per_message"] = run.per_message(cpu);
  return result;
}

json run_append(const options& with) {
  return with.folder.empty() ? run_postgres_append(with) : run_sqlite_append(with);
}

// -- heads ----------------------------------------------------------------------------------------

json heads_of(const options& with, message_reader& reader, std::size_t count) {
  std::vector<user_key> users;
  for (std::size_t i = 0; i < count; ++i)
    users.push_back({project(), user(i * 7919 % with.users)});
  const load::process_family server{with.postgres};
  load::latencies times;
  // As the nodes ask: a thousand at a time.
  const auto read = [&] {
    for (std::size_t at = 0; at < count; at += 1'000)
      reader.heads(std::span{users}.subspan(at, std::min<std::size_t>(1'000, count - at)));
  };
  read();
  const auto cpu_before = server.cpu_time();
  const auto own_before = time_of(CLOCK_THREAD_CPUTIME_ID);
  const auto end = clock_type::now() + std::chrono::duration<double>(with.duration);
  double rounds = 0;
  for (; clock_type::now() < end; ++rounds) {
    const auto begin = clock_type::now();
    read();
    times.add(clock_type::now() - begin);
  }
  const auto heads = rounds * static_cast<double>(count);
  return {{"heads", count},
          {"postgres_cpu_us_per_head", us(server.cpu_time() - cpu_before) / heads},
          {"own_cpu_us_per_head", us(time_of(CLOCK_THREAD_CPUTIME_ID) - own_before) / heads},
          {"read", times.summary()}};
}

/// One reader, which asks how far the inboxes of many users go, again and again.
json run_heads(const options& with) {
  auto node = open_postgres_cluster({.url = with.url});
  make_rows(with);
  const auto reader = node.make_reader();
  json result;
  for (const auto count : with.counts)
    result["of_" + std::to_string(count)] = heads_of(with, *reader, count);
  return result;
}

// -- bus ------------------------------------------------------------------------------------------

std::unique_ptr<actors::bus_link> make_link(const options& with) {
  if (with.bus.empty())
    return net::make_postgres_bus({.database = {.url = with.url}, .channel = "bench"});
  return net::make_nats_bus(
      {.address = net::parse_nats_address(with.bus), .cluster = "bench", .node = "bench"});
}

/// What has come on a link.
struct heard {
  std::atomic<std::uint64_t> frames{0};
  std::atomic<std::uint64_t> skipped{0};
  std::atomic<bool> up{false};
};

bool is_skipped(const bus_record_view& record) {
  const auto* const stored = std::get_if<stored_record_view>(&record);
  return stored != nullptr && stored->from_hash() != 0 && stored->to_hash() != 0;
}

/// What a node does that has none of the users.
actors::bus_link::events skip_all(heard& counts) {
  return {.on_frame =
              [&counts](std::string bytes) {
                const auto frame = read_bus_frame(bytes);
                if (!frame || frame->is_heartbeat())
                  return;
                for (const auto& record : *frame)
                  counts.skipped += is_skipped(record) ? 1 : 0;
                ++counts.frames;
              },
          .on_state = [&counts](bool up) { counts.up = up; },
          .on_lost = [] {}};
}

void wait_until(const auto& done) {
  const auto end = clock_type::now() + std::chrono::seconds{20};
  while (!done()) {
    if (clock_type::now() > end)
      throw std::runtime_error{"the bus does not carry what it was given"};
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

/// Tells messages as a node does.
class teller {
public:
  explicit teller(actors::bus_link& link) : link_(link) {}

  void tell(const std::vector<stored_message>& messages) {
    for (const auto& each : messages)
      add(each);
    publish();
  }

  std::uint64_t frames() const { return count_; }
  std::uint64_t records() const { return records_; }

private:
  void add(const auto& record) {
    ++records_;
    if (writer_.add(record))
      return;
    publish();
    if (!writer_.add(record))
      throw std::runtime_error{"no frame has room for a message"};
  }

  void publish() {
    const auto frame = writer_.finish(++count_);
    wait_until([&] { return link_.publish(frame); }); // What waits to be sent has a bound.
  }

  actors::bus_link& link_;
  bus_frame_writer writer_{bus_version, 1, std::min(link_.max_frame(), max_bus_frame_bytes)};
  std::uint64_t count_ = 0;
  std::uint64_t records_ = 0;
};

/// Two links in this process: one tells a batch a millisecond, the other one hears and skips. What
/// a node takes that does both is half of what this process takes.
json run_bus(const options& with) {
  const auto out = make_link(with);
  const auto in = make_link(with);
  heard there;
  heard back;
  in->start(skip_all(there));
  out->start(skip_all(back));
  wait_until([&] { return there.up && back.up; });
  writer source{with};
  std::vector<stored_message> messages;
  for (std::size_t i = 0; i < with.batch; ++i)
    messages.push_back({source.message(), {i, i, i, i, 1'700'000'000'000}});
  teller tells{*out};
  const auto cpu_before = time_of(CLOCK_PROCESS_CPUTIME_ID);
  auto next = clock_type::now();
  for (std::size_t batch = 0; batch < with.frames; ++batch) {
    tells.tell(messages);
    std::this_thread::sleep_until(next += std::chrono::milliseconds{1});
  }
  wait_until([&] { return there.frames == tells.frames() && there.skipped == tells.records(); });
  const auto cpu = us(time_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before);
  const auto told = static_cast<double>(with.frames * with.batch);
  const auto bytes = static_cast<double>(out->figures().published_bytes);
  out->stop();
  in->stop();
  return {{"messages", told},
          {"frames", tells.frames()},
          {"bytes_per_message", bytes / told},
          {"node_cpu_us_per_message", cpu / told / 2}};
}

// -- options --------------------------------------------------------------------------------------

using runner = json (*)(const options&);

int report(runner run, const options& with) {
  json result{{"ok", true}};
  result.update(run(with));
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

} // namespace

int main(int count, char** arguments) try {
  options with;
  CLI::App app{"What stores and buses of a cluster take by themselves. Prints one JSON object."};
  app.require_subcommand(1);
  auto* const append = app.add_subcommand("append", "Batches of messages into PostgreSQL");
  auto* const heads = app.add_subcommand("heads", "How far many inboxes go");
  auto* const bus = app.add_subcommand("bus", "Batches of messages told to another node");
  append->add_option("--folder", with.folder, "An empty folder for a store in SQLite, instead");
  for (auto* each : {append, heads, bus}) {
    each->add_option("--url", with.url, "An empty database");
    each->add_option("--postgres", with.postgres, "The server's first process");
    each->add_option("--users", with.users, "How many there are")->capture_default_str();
    each->add_option("--partners", with.partners, "Whom each writes to")->capture_default_str();
    each->add_option("--batch", with.batch, "Messages in each")->capture_default_str();
    each->add_option("--warm-up", with.warm_up, "Seconds before")->capture_default_str();
    each->add_option("--seconds", with.duration, "Seconds that are measured")
        ->capture_default_str();
  }
  heads->add_option("--count", with.counts, "Users that are asked for together");
  bus->add_option("--bus", with.bus, "The URL of a NATS server; without it PostgreSQL");
  bus->add_option("--batches", with.frames, "How many batches")->capture_default_str();
  CLI11_PARSE(app, count, arguments);
  return report(append->parsed() ? run_append : heads->parsed() ? run_heads : run_bus, with);
} catch (const std::exception& error) {
  std::printf("%s\n", json{{"ok", false}, {"error", error.what()}}.dump().c_str());
  return 1;
}
