/// How far messages have been delivered and read.
#pragma once

#include "store/message_store.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/live_state.hpp"
#include "store/sqlite/registry.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace klatch::store {

/// Marks count at once, and are written together with others after a while.
class mark_writer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  mark_writer(database& target, live_state& live, registry& known);

  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n);
  delivery_step mark_delivered(const user_key& user, std::uint64_t seq, std::size_t limit);
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq);

  /// Returns how long it is until they may be written, `interval` after some were; 0: now, nothing:
  /// there are none.
  std::optional<std::chrono::milliseconds> wait(time_point now,
                                                std::chrono::milliseconds interval) const;
  /// Within a transaction.
  void save();
  /// Once that transaction is committed.
  void publish(time_point now) noexcept;

private:
  /// An entry of an inbox.
  struct arrival {
    std::uint64_t seq;
    row_id sender;
    row_id conversation;
    std::uint64_t n;
  };

  std::vector<arrival> arrivals(const user_record& user, std::uint64_t after, std::uint64_t through,
                                std::size_t limit);
  void add_senders(const user_record& user, const std::vector<arrival>& entries,
                   std::vector<progress>& senders);
  void touch(user_record& user);
  void touch(conversation_record& conversation);

  live_state& live_;
  registry& known_;
  std::vector<user_record*> users_;                 ///< with marks that are not written
  std::vector<conversation_record*> conversations_; ///< the same
  time_point written_{};
  statement arrivals_;
  statement update_user_;
  statement update_conversation_;
};

} // namespace klatch::store
