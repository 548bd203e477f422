/// What the sessions of one worker share.
#pragma once

#include "actors/connection/connection.hpp"
#include "actors/connection/connection_scope.hpp"
#include "actors/connection/failure_limit.hpp"
#include "actors/connection/guest_limit.hpp"
#include "actors/connection/rate_table.hpp"
#include "messages/auth/access_rules.hpp"
#include "messages/wire/decoder.hpp"
#include "net/loop/buffer_budget.hpp"
#include "net/loop/deadline_wheel.hpp"
#include "net/loop/worker.hpp"
#include "net/options.hpp"
#include "net/stream/session.hpp"
#include "net/tls/tls_lane.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/address.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::net {

class session_host;

/// What the hosts of a server share. Outlives them.
struct host_shared {
  explicit host_shared(const options& settings)
      : failures(settings.allowed.token_failures), new_guests(settings.allowed.new_guests),
        buffers(settings.buffer_bytes) {}

  actors::rate_table users;
  actors::failure_limit failures; ///< of tokens
  actors::guest_limit new_guests;
  buffer_budget buffers;
  std::vector<session_host*> hosts;  ///< all of them, from the start of the first
  std::atomic<bool> stopping{false}; ///< no WebSocket more is taken
};

/// Used on its worker only, but for the constructor. Outlives the sessions.
class session_host {
public:
  session_host(worker& home, const net::options& options, const actors::chat_actors& chat,
               host_shared& shared);

  worker& home() const noexcept { return home_; }
  const net::options& options() const noexcept { return options_; }
  /// What stands for a client in the log: its address only if that is asked for.
  std::string name_in_log(const boost::asio::ip::address& client) const;
  /// Takes new settings over, for the sessions that there are too.
  void use(const net::options& next);
  std::uint32_t now() const noexcept { return wheel_.now(); }

  /// Takes a session in: it is ended by `close_all` at the latest.
  void enter(session& arrived);
  /// Sets or moves a session's deadline.
  void schedule(timed& target, std::chrono::milliseconds delay);

  /// A connection actor at home on this worker.
  /// `token`: of the upgrade, or empty.
  connection_actor start_connection(std::shared_ptr<actors::transport> client, std::string token);

  /// Who may come in from now on; who is connected is told.
  void set_access(access_rules_ptr rules);
  const access_rules& access() const noexcept { return *scope_.access; }
  /// How long nothing that signs somebody in is taken from `address`; zero: it is.
  std::chrono::steady_clock::duration blocked_for(std::string_view address) const;

  /// Where the sessions read to, one after the other: what is there is gone when a handler returns.
  std::span<char> input() noexcept { return input_; }

  /// What the connections with TLS share; the options have certificates.
  tls_lane& tls();

  /// The service stops: no WebSocket more is taken.
  bool stopping() const noexcept { return shared_.stopping.load(std::memory_order_relaxed); }
  /// Ends every session and takes no new one.
  void close_all();
  bool closed() const noexcept { return closed_; }

private:
  void arm();
  /// All buffers together hold too much: has the hosts close those of their sessions that hold
  /// most.
  void on_budget_exceeded();
  /// Closes them, if this host holds more than its part, until it holds an eighth less than
  /// that. Some host does, and each session is ended at the second time at the latest.
  void shed();

  worker& home_;
  net::options options_;
  host_shared& shared_;
  decoder frames_;
  actors::connection_scope scope_;
  directory_table_ptr directory_;
  deadline_wheel wheel_;
  std::optional<boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
      boost::asio::io_context::executor_type>>
      timer_;
  bool armed_ = false;
  bool closed_ = false;
  std::chrono::steady_clock::time_point next_warning_{}; ///< of the budget
  std::atomic<bool> shed_asked_ = false;                 ///< it is on its way
  session_list sessions_;
  std::unique_ptr<tls_lane> tls_; ///< from the first connection with TLS on
  std::array<char, 64 * 1024> input_{};
};

} // namespace klatch::net
