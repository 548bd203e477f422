/// What the sessions of one worker share.
#pragma once

#include "actors/connection.hpp"
#include "actors/rate_table.hpp"
#include "messages/codec.hpp"
#include "net/assets.hpp"
#include "net/deadline_wheel.hpp"
#include "net/options.hpp"
#include "net/origin_policy.hpp"
#include "net/refusal_log.hpp"
#include "net/session.hpp"
#include "net/worker.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <caf/actor_system.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace klatch::net {

/// The actors that connections talk to.
struct chat_actors {
  supervisor_actor supervisor;
  directory_table_ptr directory;
  std::optional<actors::archive_access> archive; ///< nothing: messages are not stored
};

/// What the lanes of a server share. Outlives them.
struct lane_shared {
  explicit lane_shared(const limits& allowed)
      : users(actors::rate{0, allowed.byte_rate * actors::full_devices}) {}

  actors::rate_table users;
};

/// Used on its worker only, but for the constructor. Outlives the sessions.
class lane {
public:
  lane(worker& home, const options& chosen, const origin_policy& origins, refusal_log& refusals,
       const asset_source& assets, const chat_actors& chat, lane_shared& shared);

  worker& home() const noexcept { return home_; }
  const options& chosen() const noexcept { return chosen_; }
  const origin_policy& origins() const noexcept { return origins_; }
  refusal_log& refusals() const noexcept { return refusals_; }
  const asset_source& assets() const noexcept { return assets_; }
  std::uint32_t now() const noexcept { return wheel_.now(); }

  /// Takes a session in: it is ended by `close_all` at the latest.
  void enter(session& arrived);
  /// Sets or moves a session's deadline.
  void schedule(timed& target, std::chrono::milliseconds delay);

  /// A connection actor at home on this worker.
  connection_actor start_connection(std::shared_ptr<actors::transport> client);

  /// Where the sessions read to, one after the other: what is there is gone when a handler returns.
  std::span<char> input() noexcept { return input_; }

  /// Ends every session and takes no new one.
  void close_all();
  bool closed() const noexcept { return closed_; }

private:
  void arm();

  worker& home_;
  const options& chosen_;
  const origin_policy& origins_;
  refusal_log& refusals_;
  const asset_source& assets_;
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
  session_list sessions_;
  std::array<char, 64 * 1024> input_{};
};

} // namespace klatch::net
