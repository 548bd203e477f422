/// What is measured, a function each. The results are what the program prints.
#pragma once

#include "bench/load/swarm.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace load {

using seconds = std::chrono::duration<double>;

struct idle_options {
  target server;
  pid_t pid = 0;
  std::size_t connections = 10'000;
  seconds settle{3};
  /// A bit more than the server's ping interval of 25 s, so that each connection has its ping in
  /// it.
  seconds window{26};
  bool extended = false;
  std::size_t traffic = 0; ///< bytes that each then sends and receives; plain clients only
};

/// Opens and registers the connections and leaves them alone: what does the server need for each?
/// Then sends a message from each to the next, to see that all of them are still there; or
/// `traffic`, and lets them rest once more: what does it need then?
nlohmann::ordered_json run_idle(const idle_options& options);

struct pairs_options {
  target server;
  pid_t pid = 0;
  std::size_t pairs = 100;
  std::size_t window = 8;
  std::size_t text_bytes = 120;
  seconds warm_up{2};
  seconds duration{10};
};

/// Two clients a pair, each with `window` messages under way to the other: whenever one arrives,
/// the next is sent. What does the server need for each delivered message?
nlohmann::ordered_json run_pairs(const pairs_options& options);

/// The same in the extended dialect with a server that stores messages. What is under way counts
/// until it is delivered, as there; the `ack` that its sender is sent beside that is checked and
/// starts nothing.
nlohmann::ordered_json run_stored_pairs(const pairs_options& options);

struct open_loop_options {
  target server;
  pid_t pid = 0;
  std::size_t connections = 200;
  double rate = 2'000;
  std::size_t text_bytes = 120;
  seconds warm_up{2};
  seconds duration{10};
  std::string folder;           ///< on the disk of the store
  std::size_t appends = 300;    ///< timed there before the first connection and after the last
  std::chrono::seconds rest{1}; ///< before the second time
};

/// A message to the partner at every 1 / `rate` s, whatever comes back, the clients in turn: how
/// long from the moment it was meant for to its `ack`, and how long does an append take on that
/// disk?
nlohmann::ordered_json run_open_loop(const open_loop_options& options);

struct rate_options {
  target server;
  pid_t pid = 0;
  std::size_t connections = 200;
  double rate = 20'000;
  std::size_t text_bytes = 120;
  seconds warm_up{1};
  seconds duration{5};
};

/// The same timetable for plain clients, of whom nothing is stored: how long from the moment that a
/// message was meant for until its recipient has it, and what does the server need for it?
nlohmann::ordered_json run_rate(const rate_options& options);

struct fan_in_options {
  target server;
  pid_t pid = 0;
  std::size_t senders = 200;
  std::size_t window = 8;
  std::size_t text_bytes = 120;
  seconds warm_up{1};
  seconds duration{4};
};

/// Many clients write to one, each with `window` messages under way.
nlohmann::ordered_json run_fan_in(const fan_in_options& options);

struct slow_reader_options {
  target server;
  pid_t pid = 0;
  std::size_t connections = 200; ///< that read
  double rate = 5'000;           ///< of messages among those
  std::size_t text_bytes = 120;
  std::size_t slow = 4;
  std::size_t flood_bytes = std::size_t{16} * 1024; ///< of a text to a slow one
  std::size_t flood_every = 2; ///< of those moments there is one more message, to a slow one
  seconds warm_up{1};
  seconds duration{3};     ///< before the slow ones stop reading, and the same while they do not
  std::string closed_with; ///< the status with which a slow one may be closed; empty: any
};

/// Some clients stop reading while they are written to: what do the others notice, and what does
/// the server keep? At the end the slow ones read on, and have to find what was written to them,
/// whole, in order and without a gap, up to where the server has closed.
nlohmann::ordered_json run_slow_reader(const slow_reader_options& options);

struct churn_options {
  target server;
  pid_t pid = 0;
  std::size_t at_once = 50;
  std::size_t text_bytes = 120;
  seconds warm_up{1};
  seconds duration{4};
};

/// Clients connect, register, send one message to somebody who stays, and close when it has
/// arrived; then they come again. What does the server need for each such cycle?
nlohmann::ordered_json run_churn(const churn_options& options);

struct storm_options {
  target server;
  pid_t pid = 0;
  std::size_t connections = 2'000;
  std::size_t at_once = 400;
  std::uint64_t missed = 0; ///< by each; 0: plain clients that miss nothing
  std::size_t text_bytes = 120;
  std::size_t window = 250;
};

/// All clients lose their connections and come back together, `at_once` at any time on their way:
/// how long until all are registered, and have what they missed?
nlohmann::ordered_json run_storm(const storm_options& options);

struct fill_options {
  target server;
  pid_t pid = 0;
  std::uint64_t in_long = 1'000'000;
  std::uint64_t in_short = 100;
  std::uint64_t missed = 10'000;
  std::uint64_t others = 3'989'900;
  std::size_t conversations = 10'000; ///< that the others are spread over
  std::size_t writers = 4;
  std::size_t text_bytes = 120;
  std::size_t window = 250;
};

/// Fills an empty store for `history`, `missed` and `start`. Nobody who is written to is connected.
nlohmann::ordered_json run_fill(const fill_options& options);

struct missed_options {
  target server;
  pid_t pid = 0;
  bool filled = false; ///< by `fill`, with the same counts and sizes
  std::size_t count = 10'000;
  std::size_t writers = 4;
  std::size_t text_bytes = 120;
  std::size_t window = 250;
};

/// Has somebody miss messages, unless the store is filled: how long from the registration with the
/// cursor until all of them are there?
nlohmann::ordered_json run_missed(const missed_options& options);

struct history_options {
  target server;
  pid_t pid = 0;
  std::string conversation = "long"; ///< or short: which of those of `fill`
  std::uint64_t messages = 1'000'000;
  std::size_t pages = 2'000;
  std::uint64_t limit = 50;
  std::size_t text_bytes = 120;
  std::uint64_t seed = 1;
};

/// Reads pages at random places of a conversation of a filled store, one after the other: how long
/// from a request to its answer?
nlohmann::ordered_json run_history(const history_options& options);

struct start_options {
  std::vector<std::string> command;
  std::string path;
  std::size_t repeat = 3;
};

/// Starts a server and stops it: how long until it says that it is ready, and until a first client
/// is connected and registered, and how much CPU does it take up to there?
nlohmann::ordered_json run_start(const start_options& options);

struct disk_options {
  std::string folder;
  std::size_t count = 300;
};

/// How long does an append of 4 KiB with fdatasync take?
nlohmann::ordered_json run_disk(const disk_options& options);

} // namespace load
