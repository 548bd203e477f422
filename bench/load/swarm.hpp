/// Many WebSocket clients on one thread.
#pragma once

#include "bench/load/greeting.hpp"
#include "bench/load/websocket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace load {

/// A server to connect to.
struct target {
  std::string host; ///< an IPv4 address in digits
  std::uint16_t port;
  std::string path;
};

/// Connects clients to one server, registers them, sends and receives. What is sent on a connection
/// in one round of epoll leaves in one write, as one client with several messages to send would do
/// it. Pings are answered.
///
/// Everything throws `failure` when a system call fails, the server breaks RFC 6455, closes a
/// connection, or answers a registration with what `greeting` does not take.
class swarm {
public:
  using clock = std::chrono::steady_clock;

  /// What a registered client was sent: its index and the text, which is valid during the call.
  using text_handler = std::function<void(std::size_t client, std::string_view text)>;

  swarm(target server, std::size_t clients, greeting words);
  ~swarm();
  swarm(const swarm&) = delete;
  swarm& operator=(const swarm&) = delete;

  /// Sets who is called for every text that comes after a registration's answer.
  void on_text(text_handler handler) { on_text_ = std::move(handler); }

  /// Connects and registers all clients, some at a time. Gives up when nothing moves for 20 s.
  void open_all();

  /// Queues a text; it leaves at the end of the round.
  void send(std::size_t index, std::string_view text);

  /// Serves all clients until `end`, or until `done` says so: it is asked once a round.
  void run_until(clock::time_point end, const std::function<bool()>& done = {});

  /// Closes all connections with status 1000 and waits until the server has ended them, as it has
  /// to; throws `failure` when that takes over 10 s.
  void close_all();

  std::size_t size() const { return clients_.size(); }
  std::uint64_t pings() const { return pings_; }
  std::size_t source_addresses() const { return source_addresses_; }

private:
  enum class phase : std::uint8_t {
    unopened,
    connecting,
    upgrading,
    registering,
    open,
    closing,
    closed
  };

  struct client {
    int fd = -1;
    phase now = phase::unopened;
    bool queued = false;         ///< in `unsent_`
    bool waits_to_write = false; ///< the socket's buffer was full
    std::string in;              ///< the start of a frame whose rest is to come
    bool in_fragments = false;
    std::string fragments; ///< the start of a text whose rest is to come
    std::string out;
  };

  void open_some();
  void connect(std::size_t index);
  void round(clock::time_point end);
  void handle_events(std::size_t index, std::uint32_t events);
  void start_upgrade(std::size_t index);
  void receive(std::size_t index);
  void end_of_stream(std::size_t index);
  std::size_t take_input(std::size_t index, std::string_view input);
  void take_frame(std::size_t index, const frame_view& frame);
  void take_data(std::size_t index, const frame_view& frame);
  void take_text(std::size_t index, std::string_view text);
  void take_close(std::size_t index, std::string_view payload);
  void queue_frame(std::size_t index, opcode op, std::string_view payload);
  void mark_unsent(std::size_t index);
  void flush_unsent();
  void flush(std::size_t index);
  void watch(std::size_t index, std::uint32_t events, int operation);

  target server_;
  greeting words_;
  std::vector<client> clients_;
  text_handler on_text_;
  int epoll_ = -1;
  std::size_t source_addresses_ = 1;
  std::size_t started_ = 0; ///< clients whose connection was begun
  std::size_t ready_ = 0;   ///< clients that were registered
  std::size_t closed_ = 0;
  std::uint64_t pings_ = 0;
  std::vector<std::size_t> unsent_;
  std::string buffer_;
  std::minstd_rand keys_;
};

} // namespace load
