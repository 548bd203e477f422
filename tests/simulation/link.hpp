/// A connection: the server's end, the wire, and the client's end.
#pragma once

#include "actors/connection/connection.hpp"
#include "actors/connection/transport.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/options.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::simulation {

/// The socket is gone and nobody has said a word.
inline constexpr std::uint16_t abnormal_closure = 1006;

/// Who is at the client's end.
class link_user {
public:
  virtual ~link_user() = default;
  /// As a trace calls it.
  virtual std::string name() const = 0;
  virtual void on_frame(std::string_view text) = 0;
  /// Nothing follows.
  virtual void on_closed(std::uint16_t code) = 0;
  /// The server has put this text out to it.
  virtual void on_sent(std::string_view text) = 0;
  /// The server closes the connection.
  virtual void on_closing(std::uint16_t code) = 0;
  /// For the server the connection is gone.
  virtual void on_gone() = 0;
  /// The server has taken this text of its.
  virtual void on_heard(std::string_view text) = 0;
  /// The server has taken the pong that says that this much has been delivered.
  virtual void on_delivery_known(std::uint64_t seq) = 0;
};

/// As `ws_session` and a socket do: what is sent goes into a cork, out of it when the turn is over,
/// and onto a wire that takes a window of bytes and has its latency. Pings, deadlines and closing
/// handshakes are the product's; TCP is assumed to lose nothing while it lasts.
class link final : public actors::transport, public std::enable_shared_from_this<link> {
public:
  /// `host`: where the server's end is.
  link(machine& on, const options& chosen, link_user& user, std::uint64_t seed,
       std::uint64_t number, unsigned host = 0);

  /// The actor is there.
  void start(connection_actor connection);

  // The connection's.
  void send(const frame& message) override;
  void ping(std::string_view payload) override;
  using transport::close;
  void close(close_code code, std::string_view reason) override;
  void call_when_token_is_due(std::chrono::milliseconds delay) override;
  void pause() override { paused_ = true; }
  void resume() override;
  bool drained() const override { return cork_.empty(); }
  void call_when_drained() override { calls_when_drained_ = true; }
  std::string peer() const override { return "192.0.2.1"; }

  // The client's.
  void say(std::string text);
  /// Closes with a handshake.
  void hang_up(std::uint16_t code);
  /// Goes without a word: what it said last may not arrive.
  void reset();
  /// Nothing comes through any more, and nobody is told.
  void fall_silent();
  void stop_reading() noexcept { reads_ = false; }
  void read_on();
  bool reads() const noexcept { return reads_; }
  bool is_silent() const noexcept { return silent_; }
  /// Who was there is not any more; is told nothing.
  void let_go() noexcept { user_ = nullptr; }

  // The machine's.
  /// The process is gone. What was on the wire to the client arrives, if the wire is still there.
  void cut(bool wire_stays);
  /// Does either side wait for something of this link?
  bool quiet() const noexcept;
  /// What is on its way to the server.
  bool unheard() const noexcept { return !up_.empty(); }
  bool is_gone() const noexcept { return gone_; }
  /// The server takes nothing more of it.
  bool is_over() const noexcept { return gone_ || sealed_; }
  const connection_actor& connection() const noexcept { return connection_; }

private:
  struct packet {
    enum class kind : std::uint8_t { text, ping, pong, close, reset };
    kind what = kind::text;
    std::uint16_t code = 0;
    std::optional<frame> shared{}; ///< text of the server's
    std::string own{};
    us arrives = 0;

    std::string_view bytes() const noexcept {
      return shared ? shared->text() : std::string_view{own};
    }
    std::size_t size() const noexcept { return bytes().size() + 4; }
  };

  actors::connection* actor() const noexcept;
  task turn(task::kind what, std::uint64_t part, void (link::*member)());
  us arrival(us& last);

  void append(packet what);
  void flush_soon();
  void flush();
  void overflow();
  void announce_closing();
  void close_socket(bool with_word);
  void on_deadline();
  void on_token_due();
  void deadline_in(us wait);

  void put_on_wire(packet what);
  void next_down();
  void arrive_down();
  void put_up(packet what);
  void next_up();
  void arrive_up();
  void take(const packet& what);

  machine& machine_;
  const options& chosen_;
  link_user* user_;   ///< null: nobody is there
  link_user& sender_; ///< of what is under way; stays as long as the machine runs
  random wire_;
  std::uint64_t number_;
  unsigned host_;
  connection_actor connection_;

  // The server's end.
  std::deque<packet> cork_;
  std::size_t cork_bytes_ = 0;
  bool flush_pending_ = false;
  bool paused_ = false;
  bool sealed_ = false;    ///< its close frame is on its way
  bool announced_ = false; ///< the connection knows that it takes no more frames
  bool gone_ = false;      ///< the socket is
  bool calls_when_drained_ = false;
  bool registration_due_ = true;
  us heard_ = 0;
  us closing_since_ = 0;
  us token_due_ = -1; ///< when the connection is told of its token; negative: it is not

  // The wire.
  std::deque<packet> down_;
  std::deque<packet> up_;
  std::size_t down_bytes_ = 0;
  bool down_pending_ = false;
  bool up_pending_ = false;
  bool silent_ = false;
  us last_down_ = 0;
  us last_up_ = 0;

  // The client's end.
  bool reads_ = true;
  bool client_gone_ = false;
};

} // namespace klatch::simulation
