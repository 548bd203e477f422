/// When old messages may be forgotten: by a clock that can be trusted, and never in one blow.
#pragma once

#include "store/message_store.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace klatch::actors {

/// Two clocks at one moment.
struct moment {
  std::int64_t wall = 0;           ///< ms since 1970 UTC; may jump
  std::chrono::milliseconds own{}; ///< never jumps, and goes on while the machine sleeps
};

/// Decides which messages have been kept for long enough.
///
/// The wall clock counts once it has gone with the own clock for an hour, within ten seconds. What
/// has been stored since the start is also kept for its time by the own clock. More than a tenth of
/// all messages may go once the wall clock has been steady for a day.
class retention {
public:
  using milliseconds = std::chrono::milliseconds;

  static constexpr std::chrono::hours steady_after{1};
  static constexpr std::chrono::hours sure_after{24};
  static constexpr std::chrono::seconds tolerance{10};
  /// More than one message in so many is a lot.
  static constexpr std::uint64_t large_share = 10;

  /// Messages are kept for `keep`. Those up to `last_mid` have been stored before `start`.
  retention(milliseconds keep, const moment& start, std::uint64_t last_mid);

  /// Messages are kept for `keep` from now on.
  void set(milliseconds keep) noexcept { keep_ = keep; }

  /// By now all messages up to `last_mid` have been stored. To be called after each commit.
  void stored(milliseconds own, std::uint64_t last_mid);

  /// Compares the clocks: to be called before each decision. Returns by how much the wall clock has
  /// jumped since it was last steady, the first time that it is seen.
  std::optional<milliseconds> look(const moment& now);

  /// What may be forgotten; nothing while the wall clock cannot be trusted.
  std::optional<store::expiry> expired(const moment& now) const;

  /// Returns true if the wall clock is so sure that more than a tenth of all may go at once.
  bool may_take_many(const moment& now) const noexcept { return now.own - since_ >= sure_after; }

private:
  /// All messages up to `last_mid` had been stored then.
  struct mark {
    milliseconds own;
    std::uint64_t last_mid;
  };

  milliseconds keep_;
  std::uint64_t before_start_;
  std::deque<mark> marks_; ///< at most some 130: one in a 64th of `keep_`
  std::int64_t offset_;    ///< from the own to the wall clock, since `since_`
  milliseconds since_;
  bool jump_reported_ = false;
};

} // namespace klatch::actors
