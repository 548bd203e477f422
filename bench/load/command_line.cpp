#include "bench/load/command_line.hpp"

#include "bench/load/lines.hpp"
#include "bench/load/numbered_text.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>

namespace load {

namespace {

void add_server_flags(CLI::App& command, target& server, pid_t& pid) {
  server = {"127.0.0.1", 0, "/chat/server.php"};
  command.add_option("--host", server.host, "IPv4 address of the server")->capture_default_str();
  command.add_option("--port", server.port, "Its port")->required()->check(CLI::Range(1, 65535));
  command.add_option("--path", server.path, "The path to upgrade")->capture_default_str();
  static const std::map<std::string, carrier_kind> carriers{{"plain", carrier_kind::plain},
                                                            {"socketio", carrier_kind::socketio},
                                                            {"nats", carrier_kind::nats}};
  command.add_option("--carrier", server.carried, "What frames travel in")
      ->transform(CLI::CheckedTransformer(carriers, CLI::ignore_case))
      ->default_str("plain");
  command.add_option("--pid", pid, "Its process, on this machine")
      ->required()
      ->check(CLI::PositiveNumber);
}

void add_seconds(CLI::App& command, const std::string& name, seconds& value,
                 const std::string& what) {
  command
      .add_option_function<double>(
          name, [&value](const double& given) { value = seconds(given); }, what)
      ->check(CLI::Range(0.0, 3600.0))
      ->default_str(std::to_string(static_cast<int>(value.count())));
}

template<class Count>
void add_count(CLI::App& command, const std::string& name, Count& value, double from, double to,
               const std::string& what) {
  command.add_option(name, value, what)->capture_default_str()->check(CLI::Range(from, to));
}

void add_size(CLI::App& command, std::size_t& value) {
  add_count(command, "--size", value, numbered_text::min_bytes, 1e6, "Bytes of a message's text");
}

void add_flags(CLI::App& command, idle_options& options) {
  add_server_flags(command, options.server, options.pid);
  command.add_flag("--extended", options.extended, "Register in the extended dialect");
  add_count(command, "--connections", options.connections, 2, 900e3, "How many");
  add_count(command, "--traffic", options.traffic, 0, 1e9,
            "Bytes that each then sends and receives");
  add_seconds(command, "--settle", options.settle, "Seconds from the last registration on");
  add_seconds(command, "--seconds", options.window, "Seconds of the idle time that is measured");
}

void add_flags(CLI::App& command, pairs_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--pairs", options.pairs, 1, 450e3, "How many, of two connections each");
  add_count(command, "--window", options.window, 1, 10e3, "Messages under way from each client");
  add_size(command, options.text_bytes);
  add_seconds(command, "--warm-up", options.warm_up, "Seconds before the measured time");
  add_seconds(command, "--seconds", options.duration, "Seconds that are measured");
}

void add_flags(CLI::App& command, open_loop_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--connections", options.connections, 2, 900e3, "How many, in pairs");
  add_count(command, "--rate", options.rate, 1, 1e6, "Messages a second from all together");
  add_size(command, options.text_bytes);
  add_seconds(command, "--warm-up", options.warm_up, "Seconds before the measured time");
  add_seconds(command, "--seconds", options.duration, "Seconds that are measured");
  command.add_option("--folder", options.folder, "Where appends are timed: the store's disk")
      ->required()
      ->check(CLI::ExistingDirectory);
  add_count(command, "--appends", options.appends, 1, 1e6, "Appends timed before and after");
}

template<class Options>
void add_measured_time(CLI::App& command, Options& options) {
  add_seconds(command, "--warm-up", options.warm_up, "Seconds before the measured time");
  add_seconds(command, "--seconds", options.duration, "Seconds that are measured");
}

void add_flags(CLI::App& command, rate_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--connections", options.connections, 2, 900e3, "How many, in pairs");
  add_count(command, "--rate", options.rate, 1, 1e6, "Messages a second from all together");
  add_size(command, options.text_bytes);
  add_measured_time(command, options);
}

void add_flags(CLI::App& command, fan_in_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--senders", options.senders, 1, 900e3, "Clients that write to one");
  add_count(command, "--window", options.window, 1, 10e3, "Messages under way from each");
  add_size(command, options.text_bytes);
  add_measured_time(command, options);
}

void add_flags(CLI::App& command, slow_reader_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--connections", options.connections, 2, 900e3, "Clients that read, in pairs");
  add_count(command, "--rate", options.rate, 1, 1e6, "Messages a second among those");
  add_size(command, options.text_bytes);
  add_count(command, "--slow", options.slow, 1, 1000, "Clients that stop reading");
  add_count(command, "--flood-size", options.flood_bytes, numbered_text::min_bytes, 1e6,
            "Bytes of a text to one of those");
  add_count(command, "--flood-every", options.flood_every, 1, 1e6,
            "Messages among the others for each of those texts");
  command.add_option("--closed-with", options.closed_with,
                     "The only status that a slow one may be closed with");
  add_measured_time(command, options);
}

void add_flags(CLI::App& command, churn_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--at-once", options.at_once, 1, 10e3, "Clients that come and go");
  add_size(command, options.text_bytes);
  add_measured_time(command, options);
}

void add_flags(CLI::App& command, storm_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--connections", options.connections, 2, 900e3, "How many");
  add_count(command, "--at-once", options.at_once, 1, 900e3, "Most that are on their way");
  add_count(command, "--missed", options.missed, 0, 1e6, "Messages that each has missed");
  add_size(command, options.text_bytes);
  add_count(command, "--window", options.window, 1, 10e3, "Unacknowledged sends of each writer");
}

void add_flags(CLI::App& command, fill_options& options) {
  add_server_flags(command, options.server, options.pid);
  add_count(command, "--long", options.in_long, 1, 1e9, "Messages in the long conversation");
  add_count(command, "--short", options.in_short, 1, 1e9, "Messages in the short one");
  add_count(command, "--missed", options.missed, 0, 1e9, "Messages to one user from all writers");
  add_count(command, "--others", options.others, 0, 1e9, "Messages in other conversations");
  add_count(command, "--conversations", options.conversations, 1, 10e6, "How many others");
  add_count(command, "--writers", options.writers, 1, 500, "Connections that write the others");
  add_size(command, options.text_bytes);
  add_count(command, "--window", options.window, 1, 10e3, "Unacknowledged sends of each writer");
}

void add_flags(CLI::App& command, missed_options& options) {
  add_server_flags(command, options.server, options.pid);
  command.add_flag("--filled", options.filled, "Read what fill has written");
  add_count(command, "--count", options.count, 1, 1e9, "Missed messages");
  add_count(command, "--writers", options.writers, 1, 500, "Users who write them");
  add_size(command, options.text_bytes);
  add_count(command, "--window", options.window, 1, 10e3, "Unacknowledged sends of each writer");
}

void add_flags(CLI::App& command, history_options& options) {
  add_server_flags(command, options.server, options.pid);
  command.add_option("--conversation", options.conversation, "Which of those of fill")
      ->capture_default_str()
      ->check(CLI::IsMember({"long", "short"}));
  add_count(command, "--messages", options.messages, 1, 1e9, "How many it has");
  add_count(command, "--pages", options.pages, 1, 10e6, "Pages to read");
  add_count(command, "--limit", options.limit, 1, 200, "Messages in a page");
  add_size(command, options.text_bytes);
  add_count(command, "--seed", options.seed, 0, 1e9, "Of the random places");
}

void add_flags(CLI::App& command, start_options& options) {
  options.path = "/chat/server.php";
  command.add_option("--path", options.path, "The path to upgrade")->capture_default_str();
  add_count(command, "--repeat", options.repeat, 1, 1000, "How often");
  command.add_option("command", options.command, "The server's command, after --")
      ->required()
      ->expected(-1);
}

void add_flags(CLI::App& command, disk_options& options) {
  command.add_option("--folder", options.folder, "Where")
      ->required()
      ->check(CLI::ExistingDirectory);
  add_count(command, "--count", options.count, 1, 1e6, "Appends");
}

template<class Options>
mode make(CLI::App& app, const char* name, const char* what,
          nlohmann::ordered_json (*run)(const Options&),
          std::string (*line)(const nlohmann::ordered_json&)) {
  auto& command = *app.add_subcommand(name, what);
  const auto options = std::make_shared<Options>();
  add_flags(command, *options);
  return {&command, [run, options] { return run(*options); }, line};
}

} // namespace

std::vector<mode> add_modes(CLI::App& app) {
  return {
      make(app, "idle", "Memory and CPU of connections that do nothing", run_idle, idle_line),
      make(app, "pairs", "CPU for each message between pairs of clients", run_pairs, pairs_line),
      make(app, "stored-pairs", "The same with messages that are stored", run_stored_pairs,
           pairs_line),
      make(app, "open-loop", "Time to the ack at a fixed rate, beside the disk's", run_open_loop,
           open_loop_line),
      make(app, "rate", "Time to the recipient at a fixed rate", run_rate, rate_line),
      make(app, "fan-in", "CPU for each message from many clients to one", run_fan_in, pairs_line),
      make(app, "slow-reader", "What others notice of clients that do not read", run_slow_reader,
           slow_reader_line),
      make(app, "churn", "CPU of coming, writing and leaving", run_churn, churn_line),
      make(app, "storm", "Time until all are back who went together", run_storm, storm_line),
      make(app, "fill", "Fill an empty store", run_fill, fill_line),
      make(app, "missed", "Time until missed messages have come", run_missed, missed_line),
      make(app, "history", "Time of a page of a filled store", run_history, history_line),
      make(app, "start", "Time that a server takes to start", run_start, start_line),
      make(app, "disk", "Time of an append with fdatasync", run_disk, disk_line),
  };
}

} // namespace load
