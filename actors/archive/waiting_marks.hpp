/// Marks that wait to be set.
#pragma once

#include "messages/archive_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <variant>

namespace klatch::actors {

/// Keeps the highest of each kind, as marks are cumulative: a later one takes the place of one that
/// waits. Users have their turns one mark at a time. Bounded for each user; the caller bounds the
/// users.
class waiting_marks {
public:
  using mark = std::variant<mark_legacy_delivered, mark_received, mark_read>;
  enum class added {
    waits,    ///< one more
    replaced, ///< it has the place of one that waited
    refused   ///< so many of the user's conversations have one already
  };

  /// Most conversations of a user for which `read` waits.
  static constexpr std::size_t max_conversations = 64;

  bool empty() const noexcept { return turns_.empty(); }

  added add(const mark_received& what) { return raise(of(what.user).received, what.seq); }
  added add(const mark_legacy_delivered& what) {
    return raise(of(what.user).legacy_delivered, what.seq);
  }
  added add(const mark_read& what);

  /// The next one; not if empty.
  mark take();

private:
  struct read {
    user_id with;
    std::uint64_t n;
    connection_actor origin;
  };
  struct of_user {
    std::optional<std::uint64_t> legacy_delivered;
    std::optional<std::uint64_t> received;
    std::deque<read> reads;

    bool empty() const noexcept { return !legacy_delivered && !received && reads.empty(); }
  };

  of_user& of(const user_key& user);
  static added raise(std::optional<std::uint64_t>& waiting, std::uint64_t seq);

  std::unordered_map<user_key, of_user> users_;
  std::deque<user_key> turns_; ///< each of them once
};

} // namespace klatch::actors
