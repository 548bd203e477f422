/// Departures held back for a grace period, so that a quick reconnect is not announced.
#pragma once

#include "messages/ids.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace klatch::actors {

/// A user who is back within the grace period has never left. Knows no clock: `now` is an argument.
class departure_grace {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct departure {
    user_key user;
    std::string label; ///< who left, in words for people
  };

  explicit departure_grace(std::chrono::steady_clock::duration grace) : grace_(grace) {}

  /// Somebody has left. `now` must not be earlier than in the call before.
  void left(user_key user, std::string label, time_point now);

  /// Somebody is back: a departure of theirs within the grace is forgotten.
  void back(const user_key& user);

  /// Returns true if a departure of theirs is held back.
  bool holds(const user_key& user) const { return missing_.count(user) != 0; }

  /// Those whose grace is over at `now`, in the order in which they left.
  std::vector<departure> take_due(time_point now);

  /// When `take_due` has to be asked next; nothing when nobody has left.
  std::optional<time_point> next_due() const;

private:
  struct entry {
    std::string label;
    time_point due;
  };
  struct turn {
    user_key user;
    time_point due;
  };

  std::chrono::steady_clock::duration grace_;
  std::unordered_map<user_key, entry> missing_;
  std::deque<turn> order_; ///< by time; a turn whose entry is gone or newer is passed over
};

} // namespace klatch::actors
