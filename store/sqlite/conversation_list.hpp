/// A user's conversations, newest first.
#pragma once

#include "store/message_store.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/live_state.hpp"
#include "store/sqlite/message_rows.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace klatch::store {

/// A part of a reader.
///
/// Which conversations there are, their order and their last messages are those of one moment, so
/// that a page is in order and the pages after it name nobody again. Marks may be newer, by what
/// was set since; none counts beyond the last message.
class conversation_list {
public:
  conversation_list(database& source, live_state& live, message_rows& messages);

  conversations_page read(row_id user, std::optional<std::uint64_t> before, bound limit);

private:
  struct listed {
    std::uint64_t last; ///< position of its last message
    row_id conversation;
  };
  /// The numbers of a message that tell how many each of the two has written up to it.
  struct tally {
    std::uint64_t n;
    row_id sender;
    std::uint64_t sent;

    std::uint64_t sent_by(row_id user) const noexcept { return sender == user ? sent : n - sent; }
  };
  /// A conversation at the moment of the list.
  struct entry {
    row_id conversation;
    stored_message last;
    tally head;
  };
  struct entries {
    std::vector<entry> newest_first;
    bool more = false;
  };
  /// What is looked up for an entry afterwards.
  struct conversation_state {
    row_id id = 0;
    row_id low = 0;
    row_id high = 0;
    std::array<std::uint64_t, 2> read{};
    std::array<std::uint64_t, 2> delivered{};
    std::optional<tally> tail_first;   ///< of the first message of the tail
    std::optional<tally> tail_at_mark; ///< of the last one that the user has read, if in the tail

    std::size_t side_of(row_id user) const noexcept { return user == low ? 0 : 1; }
  };

  entries read_entries(row_id user, std::optional<std::uint64_t> before, bound limit);
  /// Begins the moment: the state of the file that is read from here on, and the conversations that
  /// the tail has messages of then.
  std::vector<listed> begin_moment(std::optional<transaction>& moment, row_id user);
  std::uint64_t version_of_tail();
  std::vector<listed> positions_of_tail(row_id user) const;
  /// Nothing if the tail is of another version.
  std::optional<std::vector<listed>> positions_of_tail(row_id user, std::uint64_t version);
  static std::vector<listed> newest_of(const std::vector<listed>& tail);
  std::vector<listed> newest(const std::vector<listed>& tail, row_id user,
                             std::optional<std::uint64_t> before, std::size_t count);
  std::optional<conversation_state> state_of(row_id conversation, row_id user);
  std::optional<conversation_state> live_state_of(row_id conversation, row_id user);
  std::optional<tally> tally_of(std::uint64_t pos);
  std::optional<tally> tally_at(const conversation_state& conversation, std::uint64_t n);
  std::optional<tally> first_tally(const conversation_state& conversation);
  std::uint64_t unread(const conversation_state& conversation, const tally& head, row_id user);
  conversation_summary summarize(const conversation_state& conversation, entry of, row_id user);

  database& source_;
  live_state& live_;
  message_rows& messages_;
  statement begin_moment_;
  statement recent_before_;
  statement talk_by_id_;
  statement tally_by_pos_;
  statement tally_by_n_;
  statement first_tally_;
};

} // namespace klatch::store
