/// Appends messages to the log.
#pragma once

#include "store/message_store.hpp"
#include "store/sqlite/index_writer.hpp"
#include "store/sqlite/live_state.hpp"
#include "store/sqlite/registry.hpp"
#include "store/sqlite/tail_cids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace klatch::store {

/// A batch is numbered in memory first, then written, and then shown to readers. If it cannot be
/// written, the numbers are as before.
class log_writer {
public:
  log_writer(database& target, live_state& live, tail_cids& cids, registry& known,
             index_writer& indexes);

  /// Reads what the log has beyond `watermark` into the tail. Throws `database_error` if something
  /// is missing.
  void load_tail(std::uint64_t watermark);

  /// Numbers the operations. Each plan is saved and then published, or else undone.
  std::vector<outcome> plan(std::span<const operation> batch, std::int64_t now);
  /// Returns true if the plan has anything to write.
  bool has_new() const noexcept { return !planned_.empty(); }
  /// Within a transaction.
  void save(std::span<const operation> batch);
  /// Once the transaction has been committed.
  void publish();
  /// Or once it has failed.
  void undo();

private:
  struct planned {
    std::size_t index; ///< in the batch
    user_record* sender;
    user_record* recipient;
    tail_entry entry;
  };

  outcome plan_one(const new_message& message, std::size_t index, std::int64_t now);
  /// Returns what becomes of a message that is only stored as an answer; nothing: it is stored.
  std::optional<outcome> refuse_unanswered(const message_content& one);
  std::optional<message_numbers> find_repeated(const user_record& sender, std::string_view cid);
  std::uint64_t next_pos() const noexcept { return live_.last_pos() + 1 + planned_.size(); }
  void add_to_tail(const tail_entry& entry, user_record& sender, user_record& recipient);
  void load_entry(cursor& row);

  live_state& live_;
  tail_cids& cids_;
  registry& known_;
  index_writer& indexes_;
  std::vector<planned> planned_;
  statement insert_;
  statement find_cid_;
  statement tail_after_;
};

} // namespace klatch::store
