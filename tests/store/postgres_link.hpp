/// What stands between a store and its PostgreSQL server in tests, and loses what it is told to.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace klatch::store::test {

/// What becomes of a call, and of the connection that it comes on.
enum class link_fault {
  none,
  call_lost,    ///< the connection breaks before the server has it
  answer_lost,  ///< it breaks when the server has done it
  answer_silent ///< nothing more comes from the server, and nothing breaks
};

/// Passes what comes to a port of this machine on to a Unix socket.
class postgres_link {
public:
  explicit postgres_link(std::string socket);
  ~postgres_link();
  postgres_link(postgres_link&&) = delete;
  postgres_link& operator=(postgres_link&&) = delete;

  /// The URL of a database behind the link, with what follows the host there.
  std::string url(std::string_view path) const;
  std::uint16_t port() const noexcept { return port_; }

  /// Does `what` to the next calls of that prepared statement, so many of them.
  void lose(std::string_view statement, link_fault what, std::size_t times = 1);
  /// Refuses new connections, and has cut those that were there when it returns; or no more.
  void shut(bool wanted);
  /// How many calls are still to be lost.
  std::size_t left();

private:
  struct pair {
    int client;
    int server;
    link_fault fault = link_fault::none;
    bool open = true;
  };

  void run();
  void accept_one();
  void from_client(pair& one);
  void from_server(pair& one);
  link_fault fault_of(std::string_view call);
  static void close_pair(pair& one);

  std::string socket_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::vector<pair> pairs_; ///< the thread's
  std::mutex mutex_;        ///< guards what follows
  std::string needle_;
  link_fault fault_ = link_fault::none;
  std::size_t left_ = 0;
  bool shut_ = false;
  bool cut_ = false; ///< since it was shut
  std::condition_variable cut_done_;
  bool ended_ = false;
  std::thread thread_;
};

} // namespace klatch::store::test
