/// Tells other nodes what was stored here, and the shards of this one what was stored there;
/// carries what shards of different nodes say to each other.
#pragma once

#include "actors/cluster/bus_link.hpp"
#include "actors/cluster/cluster_seen.hpp"
#include "actors/cluster/hearing.hpp"
#include "actors/cluster/node_signs.hpp"
#include "actors/cluster/sightings.hpp"
#include "actors/directory/bus.hpp"
#include "actors/directory/roster.hpp"
#include "actors/runtime/byte_room.hpp"
#include "messages/bus/bus_frame.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/interfaces.hpp"
#include "messages/service_counters.hpp"
#include "messages/supervision_messages.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace spdlog {
class logger;
} // namespace spdlog

namespace klatch::actors {

struct herald_options {
  std::shared_ptr<bus_link> link;      ///< null: no bus, everything is looked for in the store
  std::shared_ptr<roster> here;        ///< who has devices on this node; never null
  std::shared_ptr<node_signs> signs;   ///< where it says whether it hears; never null
  std::shared_ptr<spdlog::logger> log; ///< never null
  /// Inboxes whose heads are read in one call.
  std::size_t heads_in_a_call = 1'000;
  /// Bytes of frames from the bus that may wait; what comes beyond is taken for lost.
  std::size_t frames_may_wait = 32UL * 1024 * 1024;
  /// Where nothing is stored: names this life of the node, and no other one's of any node. Else 0:
  /// the lease does.
  std::uint64_t incarnation = 0;
  /// Of texts of deliveries that wait to be told; null: there are none.
  std::shared_ptr<byte_room> deliveries{};
  /// That clients are told until the store says otherwise; empty: nothing is stored.
  std::string epoch{};
};

/// The bus carries hints only: what gets lost on it is found in the store, since `hearing` notices.
/// Then, and once in `store::slow_look` whatever is heard, the heads of the inboxes of all users
/// who have devices here are read, and those who are behind are told.
///
/// What comes in while it publishes makes the next frames. A frame that the link does not take
/// counts all the same: so the others notice.
///
/// Where nothing is stored there is no lease either: whoever is heard is there. What gets lost of
/// who is where, the shards ask again; messages that get lost are lost.
class herald final : public herald_actor::base {
public:
  /// `reader` is asked for heads; null: nothing is stored. `counters` outlive the actor.
  herald(caf::actor_config& cfg, archive_reader_actor reader, cluster_counters& counters,
         herald_options options);

  const char* name() const override { return "herald"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using time_point = caf::actor_clock::time_point;

  /// A pass over all who have devices here.
  struct look {
    std::uint64_t round;
    time_point begun;
    std::size_t shards_to_answer;
    std::vector<user_key> users{}; ///< still to be looked at
  };

  void start_link();
  void take_table(directory_changed& changed);
  void tell_new_shards(const directory_table& before);

  // Out.
  void on_told(told& what);
  void tell();
  void beat();
  void send_heartbeat();
  bus_frame_writer& writer();
  template<class Record>
  void write(const Record& record);
  void write(const told::message& message);
  void publish_frame();

  // In.
  void on_frame(const bus_frame_came& came);
  void take(const stored_record_view& record);
  void take(const hint_record_view& record);
  void take(const push_record_view& record);
  void on_cluster(const cluster_seen& seen);
  void start_over();

  // What shards of different nodes say to each other: herald_nodes.cpp.
  bool stores() const noexcept { return options_.incarnation == 0; }
  void take(const node_record_view& record);
  /// It waits no longer.
  void leave_room(const node_record& record);
  /// Which other nodes there are now.
  void note_nodes(std::vector<std::uint64_t> others);
  void tell_shards_of_nodes();
  /// Where nothing is stored.
  void note_sighting(const bus_frame_view& frame);
  void forget_silent_nodes();
  void take_new_incarnation();
  void have_shards_look();

  /// Begins a look, or sets the timer for one.
  void consider();

  // Looks.
  void begin_look();
  void on_users(users_here& answer);
  void read_next();
  void on_heads(heads_read& answer);
  void end_look(std::optional<time_point::duration> pause = std::nullopt);
  void look_at(time_point due);

  archive_reader_actor reader_;
  cluster_counters& counters_;
  herald_options options_;
  std::shared_ptr<byte_room> frames_room_;
  bus local_;
  directory_table_ptr table_;
  hearing hearing_;
  std::string epoch_;
  bool started_over_ = false;     ///< all clients of this node have had to, once at least
  std::uint64_t incarnation_ = 0; ///< 0: this node has no lease yet
  std::uint64_t count_ = 0; ///< of frames with records under this lease, from `first_count` on
  std::optional<bus_frame_writer> writer_;
  unsigned writes_ = bus_version; ///< the version that all living nodes read
  told pending_;
  bool telling_ = false; ///< a `telling_due` is on its way
  std::optional<look> look_;
  std::uint64_t rounds_ = 0;
  time_point next_look_{}; ///< not before, whatever was missed
  time_point slow_look_{};
  std::optional<time_point> look_timer_; ///< when a `look_due` comes

  sightings seen_;                    ///< where nothing is stored
  std::vector<std::uint64_t> others_; ///< nodes that answer
  std::uint64_t told_as_ = 0;         ///< what shards know this node as
  std::uint64_t frame_of_ = 0;        ///< whose frame is read
};

} // namespace klatch::actors
