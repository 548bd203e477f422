/// What users are called, as their last registrations say.
#pragma once

#include "store/message_store.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/live_state.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace klatch::store {

/// The profile in the file of somebody who has one.
class profile_rows {
public:
  explicit profile_rows(database& source);

  std::optional<profile> find(const user_key& user);

private:
  statement by_user_;
};

/// As a reader sees it: from memory where it is not in the file yet.
profile find_profile(live_state& live, profile_rows& rows, const user_key& user);

/// Profiles count at once, and are written together with others after a while, as marks are: 1,000
/// at a time. Of 10,000 users they may wait to be written; those of more, which a disk that cannot
/// be written leaves, are noted when they register again.
class profile_writer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  profile_writer(database& target, live_state& live);

  void note(const user_key& user, const profile& now);

  /// Returns how long it is until they may be written, `interval` after some were; 0: now, nothing:
  /// there are none.
  std::optional<std::chrono::milliseconds> wait(time_point now,
                                                std::chrono::milliseconds interval) const;
  /// Within a transaction.
  void save();
  /// Once that transaction is committed.
  void publish(time_point now);

private:
  live_state& live_;
  profile_rows rows_;
  statement save_;
  std::size_t saved_ = 0; ///< the first ones of those that wait
  time_point written_{};
};

} // namespace klatch::store
