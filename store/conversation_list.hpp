/// A user's conversations, newest first.
#pragma once

#include "store/database.hpp"
#include "store/live_state.hpp"
#include "store/message_rows.hpp"
#include "store/message_store.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace klatch::store {

/// A part of a reader.
class conversation_list {
public:
  conversation_list(database& source, live_state& live, message_rows& messages);

  conversations_page read(row_id user, std::optional<std::uint64_t> before, bound most);

private:
  struct listed {
    std::uint64_t last; ///< position of its last message
    row_id talk;
  };
  /// The numbers of a message that tell how many each of the two has written up to it.
  struct tally {
    std::uint64_t n;
    row_id sender;
    std::uint64_t sent;
  };
  struct talk_state {
    row_id id = 0;
    row_id low = 0;
    row_id high = 0;
    std::array<std::uint64_t, 2> sent{};
    std::array<std::uint64_t, 2> read{};
    std::array<std::uint64_t, 2> delivered{};
    std::uint64_t head = 0;
    std::uint64_t last = 0;
    std::optional<tally> tail_first;   ///< of the first message of the tail
    std::optional<tally> tail_at_mark; ///< of the last one that the user has read, if in the tail

    std::size_t side_of(row_id user) const noexcept { return user == low ? 0 : 1; }
  };

  std::vector<listed> newest_of_tail(row_id user);
  std::vector<listed> newest(row_id user, std::optional<std::uint64_t> before, std::size_t count);
  std::optional<talk_state> state_of(row_id talk, row_id user);
  std::optional<talk_state> live_state_of(row_id talk, row_id user);
  std::optional<tally> tally_at(const talk_state& talk, std::uint64_t n);
  std::optional<tally> first_tally(const talk_state& talk);
  std::uint64_t unread(const talk_state& talk, row_id user);
  conversation_summary summarize(const talk_state& talk, row_id user, message last);

  live_state& live_;
  message_rows& messages_;
  statement recent_before_;
  statement talk_by_id_;
  statement tally_by_n_;
  statement first_tally_;
};

} // namespace klatch::store
