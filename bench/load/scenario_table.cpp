#include "bench/load/scenario_table.hpp"

#include "bench/load/flags.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace load {

using namespace flags;

namespace {

/// `flags`: what adds one or more each to the subcommand, in the order of its `--help`.
template<class Options, class... Flags>
scenario row(const char* name, const char* measures, nlohmann::ordered_json (*run)(const Options&),
             result_line line, Flags... flags) {
  return {name, measures, line, [=](CLI::App& command) {
            const auto options = std::make_shared<Options>();
            (flags(command, *options), ...);
            return [=] { return run(*options); };
          }};
}

constexpr result_line cpu_line{
    "{/server_cpu_us_per_message:2} us server CPU a delivered message, {/delivered_per_second:0} "
    "messages/s; load program {/load_busy_share:0%} % busy"};

void pairs_flags(CLI::App& command, pairs_options& options) {
  server_flags(command, options);
  number("--pairs", &pairs_options::pairs, 100, {1, 450e3},
         "How many, of two connections each")(command, options);
  window_flag(8, "Messages under way from each client")(command, options);
  size_flag(command, options);
  measured_time(2, 10)(command, options);
  time("--scrape-every", &pairs_options::scrape_every, 0,
       "Seconds from one reading of /metrics to the next, 0: never")(command, options);
}

constexpr auto sends_of_writer = "Unacknowledged sends of each writer";

} // namespace

std::vector<scenario> scenarios() {
  return {
      row("idle", "Memory and CPU of connections that do nothing", run_idle,
          {"{/connections:0} connections, {/rested/rss_bytes_per_connection:0} bytes resident each "
           "(Pss {/rested/pss_bytes_per_connection:0}), {/idle_cpu_ms:1} ms CPU in "
           "{/idle_seconds:0} s",
           "; {/after_traffic/rss_bytes_per_connection:0} bytes each after "
           "{/after_traffic/seconds:0} s of traffic"},
          server_flags,
          given("--extended", &idle_options::extended, "Register in the extended dialect"),
          number("--connections", &idle_options::connections, 10'000, any_connections, "How many"),
          number("--traffic", &idle_options::traffic, 0, {0, 1e9},
                 "Bytes that each then sends and receives"),
          time("--settle", &idle_options::settle, 3, "Seconds from the last registration on"),
          // A bit more than the server's ping interval of 25 s, so that each connection has its
          // ping in it.
          time("--seconds", &idle_options::rest, 26, "Seconds of the idle time that is measured")),

      row("pairs", "CPU for each message between pairs of clients", run_pairs, cpu_line,
          pairs_flags),

      row("stored-pairs", "The same with messages that are stored", run_stored_pairs, cpu_line,
          pairs_flags),

      row("open-loop", "Time to the ack at a fixed rate, beside the disk's", run_open_loop,
          {"ack p50 {/to_ack/p50_ms:3} ms, p99 {/to_ack/p99_ms:3} ms ({/ack_p50_in_appends:2} and "
           "{/ack_p99_in_appends:2} appends of {/append/ms:3} ms); {/server_cpu_us_per_message:2} "
           "us server CPU a message; sends p50 {/late/p50_ms:3}, p99 {/late/p99_ms:3} ms late"},
          server_flags, rate_flags(2'000), size_flag, measured_time(2, 10),
          folder(&open_loop_options::folder, "Where appends are timed: the store's disk"),
          number("--appends", &open_loop_options::appends, 300, {1, 1e6},
                 "Appends timed before and after")),

      row("rate", "Time to the recipient at a fixed rate", run_rate,
          {"{/rate:0}/s between {/connections:0} connections: p50 {/to_delivery/p50_ms:3} ms, p99 "
           "{/to_delivery/p99_ms:3} ms; {/server_cpu_us_per_message:2} us server CPU a message; "
           "sends p50 {/late/p50_ms:3}, p99 {/late/p99_ms:3} ms late"},
          server_flags, rate_flags(20'000), size_flag, measured_time(1, 5)),

      row("fan-in", "CPU for each message from many clients to one", run_fan_in, cpu_line,
          server_flags,
          number("--senders", &fan_in_options::senders, 200, {1, 900e3},
                 "Clients that write to one"),
          window_flag(8, "Messages under way from each"), size_flag, measured_time(1, 4)),

      row("slow-reader", "What others notice of clients that do not read", run_slow_reader,
          {"others' p99 {/before/p99_ms:3} ms before, {/during/p99_ms:3} ms during; "
           "{/rss_growth_kib:0} KiB more resident; {/slow_closed:0} of {/slow:0} slow ones were "
           "closed"},
          server_flags,
          rate_flags(5'000, "Clients that read, in pairs", "Messages a second among those"),
          size_flag,
          number("--slow", &slow_reader_options::slow, 4, {1, 1000}, "Clients that stop reading"),
          number("--flood-size", &slow_reader_options::flood_bytes, 16'384,
                 {numbered_text::min_bytes, 1e6}, "Bytes of a text to one of those"),
          number("--flood-every", &slow_reader_options::flood_every, 2, {1, 1e6},
                 "Messages among the others for each of those texts"),
          text("--closed-with", &slow_reader_options::closed_with, "",
               "The only status that a slow one may be closed with"),
          measured_time(1, 3)),

      row("churn", "CPU of coming, writing and leaving", run_churn,
          {"{/server_cpu_us_per_message:1} us server CPU a cycle, {/cycles_per_second:0} cycles/s; "
           "load program {/load_busy_share:0%} % busy"},
          server_flags,
          number("--at-once", &churn_options::at_once, 50, {1, 10e3}, "Clients that come and go"),
          token_flag, size_flag, measured_time(1, 4)),

      row("storm", "Time until all are back who went together", run_storm,
          {"{/connections:0} clients, each with {/missed:0} missed messages, back in {/seconds:3} "
           "s; {/server_cpu_us_per_message:1} us server CPU each"},
          server_flags,
          number("--connections", &storm_options::connections, 2'000, any_connections, "How many"),
          number("--at-once", &storm_options::at_once, 400, {1, 900e3},
                 "Most that are on their way"),
          number("--missed", &storm_options::missed, 0, {0, 1e6}, "Messages that each has missed"),
          token_flag, size_flag, window_flag(250, sends_of_writer)),

      row("reload", "What messages notice of reloads", run_reload,
          {"{/reloads:0} reloads: the slowest message {/after_reload/max_ms:3} ms after one, "
           "{/between_reloads/max_ms:3} ms between them"},
          server_flags, token_flag, rate_flags(5'000), size_flag,
          time("--every", &reload_options::every, 1, "Seconds from one reload to the next"),
          text("--read-anew", &reload_options::read_anew, "", "File that each reload has to read"),
          measured_time(1, 6)),

      row("scrape", "Time and size of /metrics", run_scrape,
          {"{/bytes:0} bytes with {/connections:0} connections: p50 {/scrape/p50_ms:3} ms, worst "
           "{/scrape/max_ms:3} ms, {/server_cpu_us_per_scrape:0} us server CPU"},
          server_flags,
          number("--connections", &scrape_options::connections, 10'000, any_connections,
                 "How many"),
          number("--count", &scrape_options::count, 100, {1, 1e6}, "Scrapes")),

      row("fill", "Fill an empty store", run_fill,
          {"{/stored:0} messages in {/seconds:1} s, {/stored_per_second:0}/s, "
           "{/server_cpu_us_per_message:2} us server CPU each"},
          server_flags,
          number("--long", &fill_options::in_long, 1'000'000, {1, 1e9},
                 "Messages in the long conversation"),
          number("--short", &fill_options::in_short, 100, {1, 1e9}, "Messages in the short one"),
          number("--missed", &fill_options::missed, 10'000, {0, 1e9},
                 "Messages to one user from all writers"),
          number("--others", &fill_options::others, 3'989'900, {0, 1e9},
                 "Messages in other conversations"),
          number("--conversations", &fill_options::conversations, 10'000, {1, 10e6},
                 "How many others"),
          number("--writers", &fill_options::writers, 4, {1, 500},
                 "Connections that write the others"),
          size_flag, window_flag(250, sends_of_writer)),

      row("missed", "Time until missed messages have come", run_missed,
          {"{/missed:0} messages in {/seconds:3} s, {/server_cpu_us_per_message:2} us server CPU "
           "each"},
          server_flags, given("--filled", &missed_options::filled, "Read what fill has written"),
          number("--count", &missed_options::count, 10'000, {1, 1e9}, "Missed messages"),
          number("--writers", &missed_options::writers, 4, {1, 500}, "Users who write them"),
          size_flag, window_flag(250, sends_of_writer)),

      row("history", "Time of a page of a filled store", run_history,
          {"a page of {/limit:0} out of {/messages:0} messages p50 {/page/p50_ms:3} ms, p99 "
           "{/page/p99_ms:3} ms; {/server_cpu_us_per_page:0} us server CPU"},
          server_flags,
          either("--conversation", &history_options::conversation, "long", "short",
                 "Which of those of fill"),
          number("--messages", &history_options::messages, 1'000'000, {1, 1e9}, "How many it has"),
          number("--pages", &history_options::pages, 2'000, {1, 10e6}, "Pages to read"),
          number("--limit", &history_options::limit, 50, {1, 200}, "Messages in a page"), size_flag,
          number("--seed", &history_options::seed, 1, {0, 1e9}, "Of the random places")),

      row("start", "Time that a server takes to start", run_start,
          {"ready after {/ready/p50_ms:1} ms, a first client registered after "
           "{/first_registration/p50_ms:1} ms, {/cpu/p50_ms:1} ms CPU up to there; stopped in "
           "{/stop/p50_ms:1} ms; {/rss_kib:1M} MiB resident"},
          text("--path", &start_options::path, usual_path, "The path to upgrade"),
          number("--repeat", &start_options::repeat, 3, {1, 1000}, "How often"),
          remaining("command", &start_options::command, "The server's command, after --")),

      row("restart", "What clients notice of a restart behind a passed socket", run_restart,
          {"{/connections:0} clients, {/refused:0} refused; the first back after "
           "{/first_back_seconds:3} s, the last after {/last_back_seconds:3} s; "
           "{/server_cores:2} cores meanwhile; {/delivered:0} messages, each once"},
          text("--path", &restart_options::path, usual_path, "The path to upgrade"),
          rate_flags(1'000), size_flag, measured_time(1, 1),
          remaining("command", &restart_options::command, "The server's command, after --")),

      row("disk", "Time of an append with fdatasync", run_disk,
          {"4 KiB and fdatasync p50 {/p50_ms:3} ms, p99 {/p99_ms:3} ms"},
          folder(&disk_options::folder, "Where"),
          number("--count", &disk_options::count, 300, {1, 1e6}, "Appends")),
  };
}

} // namespace load
