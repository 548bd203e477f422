/// What is measured, a function each. The results are what the program prints, without `mode` and
/// `ok`. Defaults and ranges of the options are in `scenario_table.cpp`.
#pragma once

#include "bench/load/swarm.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace load {

/// What users show when they register.
struct token_options {
  std::string token_key; ///< a file with the key that tokens are signed with; empty: no tokens
};

/// The server that is loaded.
struct server_options {
  target server{};
  pid_t pid = 0;
  helpers beside{};
};

/// What the clients write.
struct text_options {
  std::size_t text_bytes = 0;
};

/// Of each client: sends that are under way.
struct window_options {
  std::size_t window = 0;
};

/// Clients that send at a fixed rate, all together.
struct rate_options {
  std::size_t connections = 0;
  double rate = 0; ///< messages a second
};

struct idle_options : server_options {
  std::size_t connections = 0;
  seconds settle{};
  seconds rest{};
  bool extended = false;
  std::size_t traffic = 0; ///< bytes that each then sends and receives; plain clients only
};

/// Opens and registers the connections and leaves them alone: what does the server need for each?
/// Then sends a message from each to the next, to see that all of them are still there; or
/// `traffic`, and lets them rest once more: what does it need then?
nlohmann::ordered_json run_idle(const idle_options& options);

struct pairs_options : server_options, text_options, window_options, time_options {
  std::size_t pairs = 0;
  seconds scrape_every{}; ///< how often `/metrics` is asked for meanwhile; 0: never
};

/// Two clients a pair, each with `window` messages under way to the other: whenever one arrives,
/// the next is sent. What does the server need for each delivered message?
nlohmann::ordered_json run_pairs(const pairs_options& options);

/// The same in the extended dialect with a server that stores messages. What is under way counts
/// until it is delivered, as there; the `ack` that its sender is sent beside that is checked and
/// starts nothing.
nlohmann::ordered_json run_stored_pairs(const pairs_options& options);

struct open_loop_options : server_options, rate_options, text_options, time_options {
  std::string folder;           ///< on the disk of the store
  std::size_t appends = 0;      ///< timed there before the first connection and after the last
  std::chrono::seconds rest{1}; ///< before the second time
};

/// A message to the partner at every 1 / `rate` s, whatever comes back, the clients in turn: how
/// long from the moment it was meant for to its `ack`, and how long does an append take on that
/// disk?
nlohmann::ordered_json run_open_loop(const open_loop_options& options);

struct fixed_rate_options : server_options, rate_options, text_options, time_options {};

/// The same for plain clients, of whom nothing is stored: how long from the moment
/// that a message was meant for until its recipient has it, and what does the server need for it?
nlohmann::ordered_json run_rate(const fixed_rate_options& options);

struct fan_in_options : server_options, text_options, window_options, time_options {
  std::size_t senders = 0;
};

/// Many clients write to one, each with `window` messages under way.
nlohmann::ordered_json run_fan_in(const fan_in_options& options);

/// `connections` and `rate` are those of the clients that read; the measured time is that before
/// the slow ones stop reading, and the same while they do not.
struct slow_reader_options : server_options, rate_options, text_options, time_options {
  std::size_t slow = 0;
  std::size_t flood_bytes = 0; ///< of a text to a slow one
  std::size_t flood_every = 0; ///< of those moments there is one more message, to a slow one
  std::string closed_with;     ///< the status with which a slow one may be closed; empty: any
};

/// Some clients stop reading while they are written to: what do the others notice, and what does
/// the server keep? At the end the slow ones read on, and have to find what was written to them,
/// whole, in order and without a gap, up to where the server has closed.
nlohmann::ordered_json run_slow_reader(const slow_reader_options& options);

struct churn_options : server_options, token_options, text_options, time_options {
  std::size_t at_once = 0;
};

/// Clients connect, register, send one message to somebody who stays, and close when it has
/// arrived; then they come again. What does the server need for each such cycle?
nlohmann::ordered_json run_churn(const churn_options& options);

struct storm_options : server_options, token_options, text_options, window_options {
  std::size_t connections = 0;
  std::size_t at_once = 0;
  std::uint64_t missed = 0; ///< by each; 0: plain clients that miss nothing
};

/// All clients lose their connections and come back together, `at_once` at any time on their way:
/// how long until all are registered, and have what they missed?
nlohmann::ordered_json run_storm(const storm_options& options);

struct fill_options : server_options, text_options, window_options {
  std::uint64_t in_long = 0;
  std::uint64_t in_short = 0;
  std::uint64_t missed = 0;
  std::uint64_t others = 0;
  std::size_t conversations = 0; ///< that the others are spread over
  std::size_t writers = 0;
};

/// Fills an empty store for `history`, `missed` and `start`. Nobody who is written to is connected.
nlohmann::ordered_json run_fill(const fill_options& options);

struct missed_options : server_options, text_options, window_options {
  bool filled = false; ///< by `fill`, with the same counts and sizes
  std::size_t count = 0;
  std::size_t writers = 0;
};

/// Has somebody miss messages, unless the store is filled: how long from the registration with the
/// cursor until all of them are there?
nlohmann::ordered_json run_missed(const missed_options& options);

struct history_options : server_options, text_options {
  std::string conversation; ///< long or short: which of those of `fill`
  std::uint64_t messages = 0;
  std::size_t pages = 0;
  std::uint64_t limit = 0;
  std::uint64_t seed = 0;
};

/// Reads pages at random places of a conversation of a filled store, one after the other: how long
/// from a request to its answer?
nlohmann::ordered_json run_history(const history_options& options);

struct start_options {
  std::vector<std::string> command;
  std::string path;
  std::size_t repeat = 0;
};

/// Starts a server and stops it: how long until it says that it is ready, and until a first client
/// is connected and registered, and how much CPU does it take up to there?
nlohmann::ordered_json run_start(const start_options& options);

struct reload_options : server_options, token_options, rate_options, text_options, time_options {
  seconds every{};       ///< from one reload to the next
  std::string read_anew; ///< a file that each reload has to read; empty: none is looked at
};

/// Plain clients in pairs at a fixed rate, while the server is told to reload its settings
/// (SIGHUP): how much longer than otherwise does the message take that takes longest?
nlohmann::ordered_json run_reload(const reload_options& options);

struct restart_options : rate_options, text_options, time_options {
  std::vector<std::string> command;
  std::string path;
};

/// Starts a server with a socket that listens, lets extended clients write to each other through
/// it, tells it to stop (SIGTERM), and starts the next one with the same socket as soon as it has.
/// The clients come back when they were told to, resume, and send again what was not acknowledged:
/// who is refused, and when are the first and the last one back? Each message has to come once.
nlohmann::ordered_json run_restart(const restart_options& options);

struct scrape_options : server_options {
  std::size_t connections = 0;
  std::size_t count = 0;
};

/// Asks for `/metrics` while many clients are connected: how long until the answer is there, and
/// how long is it?
nlohmann::ordered_json run_scrape(const scrape_options& options);

struct disk_options {
  std::string folder;
  std::size_t count = 0;
};

/// How long does an append of 4 KiB with fdatasync take?
nlohmann::ordered_json run_disk(const disk_options& options);

} // namespace load
