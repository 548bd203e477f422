/// Conversations as values.
#pragma once

#include "messages/ids.hpp"

#include <cstddef>
#include <functional>
#include <utility>

namespace klatch {

/// A conversation within a project. Today there is one kind: that of two users, or of one user
/// alone. A second kind becomes a second factory, and those who ask for the two users are then to
/// ask first which kind it is.
class conversation_id {
public:
  /// The conversation of `one` and `other`, in whichever order; of one user, if they are the same.
  static conversation_id dialogue(user_id one, user_id other) {
    if (other < one)
      std::swap(one, other);
    return {std::move(one), std::move(other)};
  }

  /// The two users in the order of their ids; the same one twice if it is that of one user.
  const user_id& low() const noexcept { return low_; }
  const user_id& high() const noexcept { return high_; }

  /// Returns true if `user` takes part.
  bool has(const user_id& user) const noexcept { return user == low_ || user == high_; }

  /// The user to whom `user`, one of the two, writes.
  const user_id& peer_of(const user_id& user) const noexcept { return user == low_ ? high_ : low_; }

  friend bool operator==(const conversation_id&, const conversation_id&) = default;
  friend auto operator<=>(const conversation_id&,            // NOLINT(modernize-use-nullptr)
                          const conversation_id&) = default; // NOLINT(modernize-use-nullptr)

private:
  conversation_id(user_id low, user_id high) : low_(std::move(low)), high_(std::move(high)) {}

  user_id low_;
  user_id high_;
};

} // namespace klatch

template<>
struct std::hash<klatch::conversation_id> {
  std::size_t operator()(const klatch::conversation_id& id) const noexcept {
    const auto low = std::hash<klatch::user_id>{}(id.low());
    return low * 0x9E3779B97F4A7C15U + std::hash<klatch::user_id>{}(id.high());
  }
};
