/// Moves the tail of the log into the indexes.
#pragma once

#include "messages/clock.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/live_state.hpp"
#include "store/sqlite/tail_cids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace klatch::store {

/// Works in small steps, each a transaction, so that messages can be appended in between. A round
/// takes all that is in the tail up to some position: into one index after the other, each in the
/// order of its keys, then into the heads; then it moves the watermark, and only then it drops them
/// from the tail. A round that a crash has cut short is done over, up to the same position: each of
/// its writes may come twice.
class index_writer {
public:
  index_writer(database& target, live_state& live, tail_cids& cids);

  /// What the tail has entries of.
  void add(user_record& user) { users_.emplace(user.id, &user); }
  void add(conversation_record& conversation) {
    conversations_.emplace(conversation.id, &conversation);
  }

  bool working() const noexcept { return at_.now != phase::idle; }
  /// Returns true if the indexes have all of the round, and only the tail is still to drop it.
  bool dropping() const noexcept { return at_.now >= phase::drop_users; }

  /// Begins a round up to `pos`, which is in the tail.
  void begin(std::uint64_t pos) noexcept;
  /// Does about as much of the round as fits into `slice`.
  void step(std::chrono::microseconds slice, const clock& time);

private:
  enum class phase {
    idle,
    announce,
    inbox,
    thread,
    cids,
    recent,
    conversations,
    users,
    watermark,
    drop_users,
    drop_conversations,
    drop_messages
  };

  /// Where the round has got to.
  struct progress_mark {
    phase now = phase::idle;
    row_id key = 0;         ///< the next record, in those phases that go from record to record
    std::size_t offset = 0; ///< how many of its entries are done
  };

  void write_some();
  void drop_some();
  void next_phase() noexcept;
  template<class Record, class Write>
  void walk(std::map<row_id, Record*>& records, Write write);
  template<class Record>
  void drop(std::map<row_id, Record*>& records);
  template<class Record>
  bool write_entries(statement& insert, const Record& record);
  bool write_cids(const user_record& user);
  bool write_recent(const user_record& user);
  void collect_recent(const user_record& user);
  bool write_head(conversation_record& conversation);
  bool write_head(const user_record& user);
  void drop_messages();
  void publish();

  database& target_;
  live_state& live_;
  tail_cids& cids_;
  std::map<row_id, user_record*> users_;
  std::map<row_id, conversation_record*> conversations_;
  std::uint64_t through_ = 0;
  progress_mark at_;

  struct last_message {
    std::uint64_t pos;
    conversation_record* conversation;
  };
  std::vector<std::pair<const std::string*, std::uint64_t>> sorted_cids_;
  std::vector<last_message> recent_;  ///< of the user that the round is at
  std::vector<last_message> indexed_; ///< by the step that is being done

  statement set_meta_;
  statement insert_inbox_;
  statement insert_thread_;
  statement insert_cid_;
  statement delete_recent_;
  statement insert_recent_;
  statement update_conversation_;
  statement update_user_;
};

} // namespace klatch::store
