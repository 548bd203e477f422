/// What was sent, and every number that anybody was ever told.
#pragma once

#include "tests/simulation/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace klatch::simulation {

/// All of a run stand in one array: pointers to them are in the order of their numbers.
struct user {
  std::size_t project;
  std::size_t number;
  std::string id;

  /// "u3": what sentences and traces call it.
  std::string name() const { return 'u' + id; }
  std::string project_id() const { return 'p' + std::to_string(project); }
};

/// A message by its number in the run, which is the order in which they were written.
using message_number = std::size_t;

struct sent_message {
  const user* from;
  const user* to;
  bool has_cid;
  std::size_t size; ///< of its text

  // What became of it.
  unsigned transmissions = 0;
  std::uint64_t first_link = 0;
  bool heard = false; ///< the server has read its frame
  bool acknowledged = false;
  bool lost = false;     ///< by the database, and not acknowledged again
  std::uint64_t mid = 0; ///< 0: nobody was told its numbers
  std::uint64_t n = 0;
  std::int64_t ts = 0;
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;

  /// "7|hhhhhh": names the message, whatever is between it and who reads it.
  std::string text(message_number own) const;
};

/// Which message a text is; nothing if nobody has written it.
std::optional<message_number> message_of(std::string_view text);

/// The two users of a conversation, the lower number first.
using pair_of_users = std::pair<const user*, const user*>;
pair_of_users conversation_of(const user* one, const user* other);

enum class mark : std::uint8_t { read, peer_read, peer_delivered };

/// Throws `failure` where something is told that goes against what was told before.
class ledger {
public:
  std::deque<sent_message> messages;

  message_number add(const user& from, const user& to, bool has_cid, std::size_t size);

  /// `how`: who says so, in words.
  void learn_numbers(message_number which, std::uint64_t mid, std::uint64_t n, std::int64_t ts,
                     const std::string& how);
  void learn_entry(const user& of, std::uint64_t seq, message_number which);

  /// The highest n of a conversation that anybody was told; 0: none.
  std::uint64_t last_n(const user* one, const user* other) const;
  std::optional<message_number> entry(const user& of, std::uint64_t seq) const;
  std::optional<message_number> numbered(const user* one, const user* other, std::uint64_t n) const;

  using inbox_key = std::pair<const user*, std::uint64_t>;
  const std::map<inbox_key, message_number>& inboxes() const noexcept { return inboxes_; }
  const std::map<std::tuple<const user*, const user*, std::uint64_t>, message_number>&
  conversations() const noexcept {
    return conversations_;
  }

  /// The highest mid with each other user that anybody was told.
  std::map<const user*, std::uint64_t> last_mids(const user& of) const;

  /// What somebody was told of how far somebody has read or received, and when.
  void learn_mark(const user& who, const user& with, mark what, std::uint64_t n, us now);
  using marks_of_user = std::map<std::pair<const user*, mark>, std::uint64_t>;
  marks_of_user told_marks(const user& who) const;
  /// Those that were told after `since` may be forgotten.
  void forget_marks_after(us since);

  /// All that was told counts no more: there is a new log.
  void forget_numbers();
  /// What was told after `before` was copied counts no more: the log is what it was then.
  void go_back_to(const ledger& before);
  /// What was told of that message counts no more.
  void lose(message_number which);

private:
  struct told {
    us at;
    std::uint64_t n;
  };

  std::map<inbox_key, message_number> inboxes_;
  std::map<std::pair<std::size_t, std::uint64_t>, message_number> mids_;
  std::map<std::tuple<const user*, const user*, std::uint64_t>, message_number> conversations_;
  std::map<std::tuple<const user*, const user*, mark>, std::deque<told>> marks_;
};

} // namespace klatch::simulation
