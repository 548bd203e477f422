/// The writing side of what is stored.
#pragma once

#include "actors/archive/fair_queue.hpp"
#include "actors/archive/pending_limit.hpp"
#include "actors/archive/retention.hpp"
#include "actors/archive/waiting_marks.hpp"
#include "actors/directory/bus.hpp"
#include "messages/archive_messages.hpp"
#include "messages/clock.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/interfaces.hpp"
#include "messages/service_counters.hpp"
#include "messages/supervision_messages.hpp"
#include "store/message_store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spdlog {
class logger;
} // namespace spdlog

namespace klatch::actors {

struct archive_options {
  herald_actor others = {}; ///< tells the other nodes of a cluster; null: there are none
  /// How long messages are kept; nothing: for ever.
  std::optional<std::chrono::milliseconds> retain;
  clock time;
  std::shared_ptr<spdlog::logger> log; ///< never null

  /// Messages in a batch, and the bytes of texts with which one is full; the last one may go
  /// beyond.
  std::size_t batch_messages = 2'000;
  std::size_t batch_bytes = 256UL * 1024;
  /// Entries of an inbox that one step of taking delivery looks at.
  std::size_t delivery_step = 200;
};

/// Stores in batches and tells shards and senders what has been stored. Blocks while it writes, and
/// so has a thread of its own; `limit` bounds what waits for it meanwhile. What cannot be stored is
/// told to its sender and forgotten; the next batch tries anew.
///
/// A batch is bounded in messages and bytes. What does not go into it waits in an order that is
/// fair between users, so that one user's burst does not hold the others' acknowledgements. Marks
/// are set at once while nothing else waits; else a few of them between two batches.
///
/// Asked to end with `user_shutdown` it does first what it was asked before: who cannot be told
/// that something was not stored, as a plain client cannot, loses nothing.
class archive final : public archive_actor::base {
public:
  /// `store` and `counters` outlive the actor.
  archive(caf::actor_config& cfg, store::message_store& store, std::shared_ptr<pending_limit> limit,
          archive_counters& counters, archive_options options);

  const char* name() const override { return "archive"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using time_point = caf::actor_clock::time_point;

  /// Whom the answer to a message goes to.
  struct sent_by {
    connection_actor device;
    std::string ref; ///< of its frame
    time_point came; ///< when that was handled
  };
  struct waiting_operation {
    store::operation what;
    sent_by origin;
  };

  void take_table(directory_changed& changed);
  void on_settings(const use_archive_settings& next);
  /// Messages are kept for `keep` from now on; nothing: for ever.
  void keep_messages(std::optional<std::chrono::milliseconds> keep);
  void on_store_message(store_message& asked);
  void commit_soon();
  void commit();
  /// Leaves no more than a batch in `batch_`.
  void bound_batch();
  /// Does what is in `batch_`, and counts it.
  std::vector<store::outcome> append_batch();
  void publish(std::vector<store::outcome> outcomes);
  void tell_of_repeated(const message_content& content, const message_numbers& numbers);
  /// Tells the sender of the operation `at` of the batch.
  void refuse(std::size_t at, error_code why);
  /// Does what it has been asked and has put off.
  void finish_work();
  void add_entries(stored_message_ptr what, std::vector<inbox_place> audience, sent_by origin);

  /// Of those that a connection has taken a place for.
  template<class Mark>
  void on_mark(const Mark& asked);
  template<class Mark>
  void wait_with(const Mark& asked);
  void on_marking_due();
  void marking_soon();
  /// Sets those that wait, so many at most.
  void set_waiting(std::size_t most);
  void set(const std::vector<waiting_marks::mark>& marks);
  store::any_mark as_stored(const waiting_marks::mark& what) const;
  void tell_of(const waiting_marks::mark& what, const store::mark_outcome& outcome);
  void tell_of_reading(const mark_read& asked, std::uint64_t n);
  void tell_of_delivery(const user_key& user, std::uint64_t seq, const store::delivery_step& step);
  void on_note_profile(note_profile& asked);
  void push(const user_key& user, frame text, const connection_actor& except = {});

  /// Has the store's upkeep called at `at`, or before.
  void upkeep_by(time_point at);
  void upkeep_soon() { upkeep_by(clock().now()); }
  void on_upkeep_due();
  /// Has marks written that no message takes along.
  void marks_were_set();
  moment now() const { return {options_.time.wall_ms(), options_.time.elapsed()}; }
  /// Returns what upkeep is to forget, if it is time to look.
  std::optional<store::expiry> expired_messages();
  void note_trimmed(const store::upkeep_result& result);
  /// Logs a failure of the store once, and once that it is over.
  void note_failure(const store::unavailable& reason);
  void note_success();
  /// If the store could not be written a while ago: tries whether it would be again.
  void probe(time_point now);

  store::message_store& store_;
  std::shared_ptr<pending_limit> limit_;
  archive_counters& counters_;
  archive_options options_;
  bus bus_;
  std::vector<store::operation> batch_;           ///< to be done next
  std::vector<sent_by> origins_;                  ///< of each of them
  fair_queue<user_key, waiting_operation> later_; ///< to be stored after them
  waiting_marks marks_;
  bool commit_pending_ = false;
  bool marking_pending_ = false;
  bool upkeep_pending_ = false; ///< an `upkeep_due` is in the mailbox
  /// When timers that run send another one, each earlier than the one before: so there are few.
  std::vector<time_point> upkeep_timers_;
  time_point trim_at_ = time_point::max(); ///< when to look for expired messages
  bool failing_ = false;
  time_point probe_at_{};              ///< while it could not be written
  std::optional<retention> retention_; ///< nothing: messages are kept for ever
  bool large_trim_logged_ = false;
};

} // namespace klatch::actors
