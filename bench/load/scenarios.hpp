/// What is measured, a function each. The results are what the program prints.
#pragma once

#include "bench/load/swarm.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <sys/types.h>

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
};

/// Opens and registers the connections and leaves them alone: what does the server need for each?
/// Then sends a message from each to the next, to see that all of them are still there.
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

} // namespace load
