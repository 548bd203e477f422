/// The interface of stores: messages, in the inboxes of users and in conversations, and how far
/// each has been delivered and read.
///
/// The writer uses a `message_store`, on one thread; readers use a `message_reader` each, on other
/// threads at the same time. A reader sees everything that an earlier call of the store has
/// returned from.
#pragma once

#include "messages/conversation_id.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/stored_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace klatch::store {

/// A message that is to be stored. Without a `cid`, every append makes a message.
struct new_message {
  message_content content;
  /// It is refused with `forbidden`, and leaves nothing, unless the recipient has ever written to
  /// the sender.
  bool only_in_answer = false;
};

/// What a store is asked to do. The message is the one kind today; what else is done with one
/// becomes an alternative.
using operation = std::variant<new_message>;

/// What became of an operation.
struct outcome {
  message_numbers numbers{};
  /// That sender's cid was there: `numbers` are the first one's, and nothing is new.
  bool repeated = false;
  /// Why it was not done; then there are no numbers. The others of the batch are.
  std::optional<error_code> refused{};
  /// The inboxes that have a new entry, the sender's first.
  std::vector<inbox_place> audience{};

  static outcome repeats(const message_numbers& first) {
    return {.numbers = first, .repeated = true};
  }
  static outcome refuses(error_code why) { return {.refused = why}; }
  /// Of a message of a dialogue.
  static outcome stores(const message_content& content, const message_numbers& numbers);

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// How far a user's messages to `with` have got: `with` is to learn of it.
struct progress {
  user_id with;
  std::uint64_t n = 0; ///< the highest in the conversation

  friend bool operator==(const progress&, const progress&) = default;
};

/// One step of taking delivery.
struct delivery_step {
  std::vector<progress> senders; ///< whose messages were new in this step, each once
  bool more = false;             ///< the step came to its bound before it came to the mark

  friend bool operator==(const delivery_step&, const delivery_step&) = default;
};

/// `reader` has read the conversation `in` up to `n`.
struct read_mark {
  user_key reader;
  conversation_id in;
  std::uint64_t n = 0;
};

/// A device of `user` has the inbox up to `seq`; at most `limit` entries are looked at.
struct delivered_mark {
  user_key user;
  std::uint64_t seq = 0;
  std::size_t limit = 0;
};

/// The plain clients of `user` have taken the inbox up to `seq`.
struct legacy_mark {
  user_key user;
  std::uint64_t seq = 0;
};

using any_mark = std::variant<read_mark, delivered_mark, legacy_mark>;

/// What a mark has changed.
struct mark_outcome {
  std::optional<std::uint64_t> read = std::nullopt; ///< of a `read_mark` that has risen: the mark
  delivery_step delivered{};                        ///< of a `delivered_mark`

  friend bool operator==(const mark_outcome&, const mark_outcome&) = default;
};

/// What others see of a user.
struct profile {
  std::string name;
  std::string color;

  /// Of somebody who has never registered, or without a name and a color.
  static profile of_nobody(const user_id& user) { return {user.str(), {}}; }

  friend bool operator==(const profile&, const profile&) = default;
};

/// The store could not do what it was asked, and has done nothing of it: the disk is full, say. The
/// same may succeed later. `what()` is for the operator.
class unavailable : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The store cannot tell whether it has done what it was asked, as a connection to it was lost. The
/// same again does it at most once more: messages that have a `cid` are not stored twice.
class uncertain : public unavailable {
public:
  using unavailable::unavailable;
};

/// Which messages are to be forgotten, the oldest first, up to the first one that has not expired.
struct expiry {
  std::int64_t before = 0;           ///< ms since 1970 UTC: those that were stored before
  std::uint64_t through = INT64_MAX; ///< a mid: and of those, none beyond it
  std::size_t limit = 200;           ///< in one call
  /// None at all while more than one in so many of all messages have expired; 0: however many.
  /// Judged by a single message, as if ts never fell: if it did, it may be yes too early.
  std::uint64_t unless_one_in = 0;
};

/// What a call of `upkeep` has done, and what it has left.
struct upkeep_result {
  /// When to call again, even if nothing is stored or set until then; nothing: no need to.
  std::optional<std::chrono::milliseconds> again_in;
  std::size_t forgotten = 0; ///< messages
  bool more_expired = false; ///< there may be more that are to be forgotten
  bool too_many = false;     ///< `expiry::unless_one_in` has kept them
};

/// The files that the store is kept in have been deleted or replaced. `message_store::check_files`
/// has returned that too, and is where it is logged.
class files_lost : public unavailable {
public:
  using unavailable::unavailable;
};

/// A line for the log.
struct store_change {
  bool usable; ///< the store, from now on
  std::string text;
  /// How it is logged where the store is usable; where it is not, it is an error.
  enum class weight : std::uint8_t { news, warning, error } how = weight::news;
};

inline outcome outcome::stores(const message_content& content, const message_numbers& numbers) {
  outcome result{.numbers = numbers};
  const auto& to = content.to();
  result.audience.reserve(2);
  result.audience.push_back({content.from, numbers.from_seq});
  if (to != content.from)
    result.audience.push_back({to, numbers.to_seq});
  return result;
}

class message_reader;

/// The writing side. Every function may throw `unavailable`.
class message_store {
public:
  virtual ~message_store() = default;

  /// Names the numbering of inboxes as it is now. Only a reader can tell whether what was numbered
  /// under another name is a part of it. Changes while the store is used only where messages may
  /// have been lost, as after a failover. On any thread.
  virtual std::string epoch() const = 0;

  /// Does the operations in their order, all but those that are refused, or none if it throws.
  /// Returns an outcome for each, once all is on disk. Marks that were set before are stored with
  /// them. `now`: ms since 1970 UTC.
  virtual std::vector<outcome> append(std::span<const operation> batch, std::int64_t now) = 0;

  /// `reader` has read the conversation `in` up to `n`, or to its end if that is less. Returns the
  /// mark if it has risen; not if the reader takes no part in it. On disk with an `append` or
  /// `upkeep` that comes a tenth of a second later, or before.
  virtual std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                                 std::uint64_t n) = 0;

  /// A device of `user` has the inbox up to `seq`, or to its end if that is less. Looks at `limit`
  /// entries; if the result says `more`, call again. On disk as above.
  virtual delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                       std::size_t limit) = 0;

  /// The plain clients of `user` have taken the inbox up to `seq`. On disk as above.
  virtual void mark_legacy_delivered(const user_key& user, std::uint64_t seq) = 0;

  /// Sets marks in their order, as the functions above do. Returns what each has changed.
  virtual std::vector<mark_outcome> apply_marks(std::span<const any_mark> marks);

  /// A mark costs about as much alone as many do together: they are to be collected for a while.
  virtual bool collects_marks() const noexcept { return false; }

  /// `user` has registered as `now`. On disk as above, and only if that has changed. Of 10,000
  /// users it may wait to be on disk, and for readers to see it: of more it is not noted.
  virtual void note_profile(const user_key& user, const profile& now) = 0;

  /// Does a small part, some ms at most, of the work that has been put off, and forgets messages
  /// that have `expired`. To be called after every `append`, soon after marks were set, and when
  /// the last call has said.
  virtual upkeep_result upkeep(const std::optional<expiry>& expired = {}) = 0;

  /// The highest mid that was ever given; 0: none was.
  virtual std::uint64_t last_mid() const = 0;

  /// Leaves so many bytes free on its disk from now on; 0: it may take all.
  virtual void leave_free(std::uint64_t /*bytes*/) {} // Nothing, if it is on none.
  /// How many messages are in no index yet.
  virtual std::size_t unindexed() const noexcept { return 0; }

  /// A reader; must not outlive the store.
  virtual std::unique_ptr<message_reader> make_reader() = 0;

  /// Checks that the files that the store is kept in are still there. Returns what has changed
  /// since the last call. While they are not, all other functions and readers throw `files_lost`.
  /// To be called about once a second, on any one thread, also beside all other functions.
  virtual std::optional<store_change> check_files() { return std::nullopt; }
};

/// What a user's inbox holds, and how far it has been taken.
struct inbox_state {
  std::uint64_t head = 0;             ///< the last entry; 0: there never was one
  std::uint64_t floor = 1;            ///< the first entry that is still there; head + 1 if none is
  std::uint64_t delivered = 0;        ///< some device has everything up to here
  std::uint64_t legacy_delivered = 0; ///< the plain clients have everything up to here

  friend bool operator==(const inbox_state&, const inbox_state&) = default;
};

/// How much of something is wanted at most; one entry comes whatever its size.
struct bound {
  std::size_t entries;
  std::size_t bytes; ///< of texts, about
};

struct inbox_entry {
  std::uint64_t seq = 0;
  stored_message what;
};

struct inbox_page {
  std::vector<inbox_entry> entries; ///< in the order of seq, without a gap
  bool more = false;
};

/// Which part of a conversation: what comes right before `before`, right after `after`, or, with
/// neither, its end. With both, what comes right after `after` and before `before`.
struct range {
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
};

struct conversation_page {
  std::vector<stored_message> messages; ///< in the order of n, without a gap
  bool more = false;                    ///< there is more in the direction asked for
};

/// A conversation as one of its two users sees it.
struct conversation_summary {
  user_id with;
  stored_message last;
  std::uint64_t unread = 0;         ///< messages of `with` beyond `read`
  std::uint64_t read = 0;           ///< how far the user has read
  std::uint64_t peer_read = 0;      ///< how far `with` has read
  std::uint64_t peer_delivered = 0; ///< the user's last message that a device of `with` has
  profile peer{};                   ///< what `with` was last registered as
};

struct conversations_page {
  std::vector<conversation_summary> conversations; ///< by their last message, newest first
  bool more = false;
};

/// The reading side. Every function may throw `unavailable`.
class message_reader {
public:
  virtual ~message_reader() = default;

  virtual inbox_state inbox(const user_key& user) = 0;

  /// The same for many at once, in their order.
  virtual std::vector<inbox_state> inboxes(std::span<const user_key> users);

  /// Their heads alone, in their order: for users who are asked for again and again.
  virtual std::vector<std::uint64_t> heads(std::span<const user_key> users);

  /// Many inboxes cost little more than one: they are to be asked for together. Of such a store
  /// `continues` depends on the epoch alone.
  virtual bool reads_together() const noexcept { return false; }

  /// Returns true if any user of `project` has an inbox, among those whom the store had when it was
  /// opened at least.
  virtual bool knows_project(const project_id& project) = 0;
  /// Returns true if a client that has followed the user's inbox up to `since` in `epoch` has what
  /// this store has up to there, and so can go on from it. If the inbox ends before `since`, the
  /// result means nothing.
  virtual bool continues(const user_key& user, std::string_view epoch, std::uint64_t since) = 0;

  /// The entries right after `after`, which is not below the inbox's floor - 1.
  virtual inbox_page read_inbox(const user_key& user, std::uint64_t after, bound limit) = 0;

  /// Part of a conversation; empty if there is no such one.
  virtual conversation_page read_conversation(const project_id& project,
                                              const conversation_id& which, range wanted,
                                              bound limit) = 0;

  /// The user's conversations that still have messages, those whose last one is older than
  /// `before` (a mid), or without it all.
  virtual conversations_page
  read_conversations(const user_key& user, std::optional<std::uint64_t> before, bound limit) = 0;
};

} // namespace klatch::store
