/// Reads a server's metrics, as Prometheus does.
#pragma once

#include "bench/load/connecting.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

namespace load {

/// One HTTP connection, whose answers are waited for.
class scraper {
public:
  /// Connects. Throws `failure`, as all its members.
  explicit scraper(const target& server);
  ~scraper();
  scraper(const scraper&) = delete;
  scraper& operator=(const scraper&) = delete;

  /// Asks for `/metrics` and returns the answer's body, which is not empty.
  std::string scrape();

private:
  std::string read_answer();
  void read_more(std::string& into) const;

  int fd_;
  std::string request_;
};

/// Scrapes at intervals, on a thread of its own, for as long as it is there.
class regular_scrapes {
public:
  /// `every`: not over 0: never.
  regular_scrapes(const target& server, std::chrono::duration<double> every);

  /// Ends them and returns how many there were. Throws `failure` if one failed.
  std::uint64_t end();

private:
  void run(const std::stop_token& over, const target& server, std::chrono::duration<double> every);

  std::uint64_t count_ = 0;
  std::string error_;
  std::jthread thread_; ///< last: it uses the others
};

} // namespace load
