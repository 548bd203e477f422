/// The reading side of what is stored.
#pragma once

#include "actors/archive/fair_queue.hpp"
#include "actors/archive/pending_limit.hpp"
#include "messages/archive_messages.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/interfaces.hpp"
#include "messages/service_counters.hpp"
#include "store/message_store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

namespace spdlog {
class logger;
} // namespace spdlog

namespace klatch::actors {

struct reader_options {
  /// Of texts in a page: it stays well below what may wait for one connection, escapes included.
  std::size_t page_bytes = 128UL * 1024;
  std::size_t inbox_page_entries = 500;
  /// What is encoded of a page ends behind this: with the largest frame it is still below what may
  /// wait for one connection.
  std::size_t encoded_page_bytes = 512UL * 1024;
  std::shared_ptr<spdlog::logger> log = {}; ///< has to be set
};

/// Answers with frames that are ready to go out. Blocks while it reads, and so has a thread of its
/// own; `limit` bounds what waits for it meanwhile. What cannot be read is answered with
/// `read_failed` and logged once.
///
/// The order is fair between users: one user's queries wait behind one another, and a user who asks
/// now and then is ahead of those who ask all the time. Of one user `max_queries` may wait; beyond,
/// they are answered with `read_failed`.
class archive_reader final : public archive_reader_actor::base {
public:
  static constexpr std::size_t max_queries = 100;

  /// `counters` outlive the actor.
  archive_reader(caf::actor_config& cfg, std::unique_ptr<store::message_reader> source,
                 std::shared_ptr<pending_limit> limit, reader_counters& counters,
                 reader_options options);

  const char* name() const override { return "archive_reader"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using ask = std::variant<open_inbox, read_inbox, run_query>;

  /// Answers at once if nothing else waits.
  void on_ask(ask what);
  void answer_next();
  void give_answer(const ask& what);
  void answer_alone(const ask& what);
  /// Answers that one, and with it those that come next and ask the same of other inboxes.
  void open_together(open_inbox first);
  std::vector<inbox_opened> open_all(const std::vector<open_inbox>& asked);
  slots& slots_of(const ask& what) const;

  void answer_heads(read_heads& asked);
  /// Logs once that the store can be read again, or cannot.
  void note_success();
  void note_failure(const store::unavailable& reason);
  inbox_opened open(const open_inbox& asked);
  inbox_page page(const read_inbox& asked);
  ids_resolved resolve(const resolve_ids& asked);
  frame answer(const user_key& user, const history_query& asked, std::string_view ref);
  frame answer(const user_key& user, const conversations_query& asked, std::string_view ref);

  /// Sends what `read` returns, or that this part of the store cannot be read.
  template<class Read>
  void answer_to(const connection_actor& asker, read_failed::part of, Read read);

  std::unique_ptr<store::message_reader> source_;
  std::shared_ptr<pending_limit> limit_;
  reader_counters& counters_;
  reader_options options_;
  fair_queue<user_key, ask> waiting_;
  bool failing_ = false;
};

} // namespace klatch::actors
