/// Many WebSocket clients on one thread.
#pragma once

#include "bench/load/carrier.hpp"
#include "bench/load/connecting.hpp"
#include "bench/load/greeting.hpp"
#include "bench/load/tls_client.hpp"
#include "bench/load/websocket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace load {

/// Connects clients to one server, or to the nodes of one in turn, registers them, sends and
/// receives. What is sent on a connection in one round of epoll leaves in one write, as one client
/// with several messages to send would do it. Pings are answered.
///
/// Everything throws `failure` when a system call fails, the server breaks RFC 6455, closes a
/// connection unasked (but see `on_loss`), or answers a registration with what `greeting` does not
/// take.
///
/// In two files: the connections as such and what is sent, `swarm_reading.cpp` for what comes.
class swarm : private carrier_events {
public:
  using clock = std::chrono::steady_clock;

  /// What a registered client was sent: its index and the text, which is valid during the call.
  using text_handler = std::function<void(std::size_t client, std::string_view text)>;
  using client_handler = std::function<void(std::size_t client)>;

  /// Connections begun and not yet registered at any time, if nothing else is asked for: below
  /// the shortest listen queue among the servers.
  static constexpr std::size_t usual_opening_at_once = 100;

  swarm(target server, std::size_t clients, greeting words);
  ~swarm();
  swarm(const swarm&) = delete;
  swarm& operator=(const swarm&) = delete;

  /// Sets who is called for every text that comes after a registration's answer.
  void on_text(text_handler handler) { on_text_ = std::move(handler); }

  /// Sets who is called for every client that is registered. May be left out, as may the others.
  void on_open(client_handler handler) { on_open_ = std::move(handler); }
  /// Sets who is called when the server has ended a connection after `close`; it may be opened
  /// again.
  void on_end(client_handler handler) { on_end_ = std::move(handler); }
  /// Lets the server close connections unasked, and sets who is told: the text is the close frame's
  /// status and reason, or what came instead of one.
  void on_loss(text_handler handler) { on_loss_ = std::move(handler); }

  /// Connects and registers all clients, some at a time. Gives up when nothing moves for 20 s.
  void open_all(std::size_t at_once = usual_opening_at_once);

  /// Begins to connect one that is not connected.
  void open(std::size_t index);

  /// Closes one that is registered, with status 1000.
  void close(std::size_t index);

  /// Ends all connections without a word, as when a network goes.
  void drop_all();

  /// Takes nothing more from the client's socket, until `read_on`.
  void stop_reading(std::size_t index);
  void read_on(std::size_t index);

  /// Queues a text; it leaves at the end of the round.
  void send(std::size_t index, std::string_view text);

  /// Serves all clients until `end`, or until `done` says so: it is asked once a round.
  void run_until(clock::time_point end, const std::function<bool()>& done = {});

  /// Serves all clients for so long.
  void run_for(std::chrono::duration<double> time);

  /// Serves all clients until `done` says so, for 10 s at the most, and then for 200 ms in which
  /// what is too much may come.
  void run_out(const std::function<bool()>& done);

  /// Closes all connections with status 1000 and waits until the server has ended them, as it has
  /// to; throws `failure` when that takes over 10 s.
  void close_all();

  std::size_t size() const { return clients_.size(); }
  std::uint64_t pings() const { return pings_; }
  std::size_t source_addresses() const { return source_addresses_; }
  /// TLS handshakes that went on with an earlier session.
  std::uint64_t resumed() const { return resumed_; }
  /// Version and cipher suite of TLS; empty without it.
  const std::string& tls_form() const { return tls_form_; }

private:
  enum class phase : std::uint8_t {
    unopened,
    connecting,
    securing,
    upgrading,
    registering,
    open,
    closing,
    closed
  };

  struct connection {
    int fd = -1;
    std::unique_ptr<tls_stream> tls; ///< null: bytes go as they are
    phase now = phase::unopened;
    bool queued = false;         ///< in `unsent_`
    bool waits_to_write = false; ///< the socket's buffer was full
    bool reads = true;
    std::string in; ///< the start of a frame whose rest is to come
    bool in_fragments = false;
    std::string fragments; ///< the start of a text whose rest is to come
    std::string out;
  };

  void on_ready(std::size_t client) override;
  void on_frame(std::size_t client, std::string_view frame) override;
  void on_reply(std::size_t client, std::string_view message) override;
  void on_ping(std::size_t client, std::string_view answer) override;

  void open_some(std::size_t at_once);
  void round(clock::time_point end);
  void handle_events(std::size_t index, std::uint32_t events);
  void connected(std::size_t index);
  void shake_hands(std::size_t index);
  void start_upgrade(std::size_t index);
  ssize_t read_bytes(connection& from);
  ssize_t write_bytes(connection& to);
  void receive(std::size_t index);
  bool receive_some(std::size_t index);
  void end_of_stream(std::size_t index);
  void lose(std::size_t index, std::string_view how);
  void forget(std::size_t index);
  std::size_t read_frames(std::size_t index, std::string_view input);
  void take_frame(std::size_t index, const frame_view& frame);
  void take_data(std::size_t index, const frame_view& frame);
  void take_message(std::size_t index, std::string_view message);
  void take_close(std::size_t index, std::string_view payload);
  void queue_frame(std::size_t index, opcode op, std::string_view payload);
  void mark_unsent(std::size_t index);
  void flush_unsent();
  void flush(std::size_t index);
  void watch(std::size_t index, int operation);

  target server_;
  greeting words_;
  std::unique_ptr<carrier> carrier_;
  std::unique_ptr<tls_client> tls_; ///< null: without TLS
  std::string tls_form_;
  std::uint64_t resumed_ = 0;
  std::vector<connection> clients_;
  text_handler on_text_;
  client_handler on_open_;
  client_handler on_end_;
  text_handler on_loss_;
  int epoll_ = -1;
  std::size_t source_addresses_ = 1;
  std::size_t started_ = 0;   ///< by `open_all`, the first ones
  std::size_t ready_ = 0;     ///< registered now
  std::size_t connected_ = 0; ///< sockets that are not closed
  std::uint64_t pings_ = 0;
  std::vector<std::size_t> unsent_;
  std::string buffer_;
  std::minstd_rand keys_;
};

} // namespace load
