/// The actor graph on a page: who there is, what each may be sent, and what it answers.
///
///   connection ──register_device, lookup, unfollow, unregister_device──▶ directory shard
///   directory  ──registered, device_refused, sibling_changed──▶ connection
///   directory  ──lookup_result, route_changed, notice──▶ connection
///   connection ──delivery, undelivered──▶ connection
///   directory  ──count_connected, departure_notice──▶ directory (the other shards)
///   supervisor ──directory_changed, reader_lost, going_away──▶ connection
///   supervisor ──directory_changed──▶ directory, archive ──table_taken──▶ supervisor
///
/// and, where messages are stored,
///
///   connection ──store_message, mark_…, note_profile──▶ archive
///   archive    ──stored, push──▶ directory ──inbox_entry, client_frame──▶ connection
///   archive    ──duplicate, store_failed, mark_failed──▶ connection
///   supervisor ──inboxes_moved──▶ directory ──inboxes_moved──▶ connection
///   connection ──open_inbox, read_…, resolve_ids──▶ archive reader
///   reader     ──inbox_opened, inbox_page, query_result, ids_resolved, read_failed──▶ connection
///
/// What a connection asks for comes as a message of its own: it says who asks, and whoever is asked
/// answers in order. A shard that dies answers nothing more, and directory_changed comes after all
/// that it has answered; a reader that dies likewise, and reader_lost.
#pragma once

#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/stored_message.hpp"
#include "messages/wire/commands.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace klatch {

struct delivery;
struct undelivered;
struct route_changed;
struct sibling_changed;
struct device_refused;
struct notice;
struct directory_changed;
struct inboxes_moved;
struct going_away;
struct transport_closing;
struct transport_closed;
struct inbox_entry;
struct duplicate;
struct store_failed;
struct mark_failed;
struct client_frame;
struct delivery_due;
struct registered;
struct lookup_result;
struct inbox_opened;
struct inbox_page;
struct query_result;
struct ids_resolved;
struct read_failed;
struct reader_lost;

struct register_device;
struct unregister_device;
struct lookup;
struct unfollow;
struct count_connected;
struct departure_notice;
struct departures_due;
struct followers_due;
struct stored;
struct push;

struct store_message;
struct mark_read;
struct mark_received;
struct mark_legacy_delivered;
struct note_profile;
struct commit_due;
struct marking_due;
struct tidy_due;
struct marks_due;
struct trim_due;

struct open_inbox;
struct read_inbox;
struct read_history;
struct read_conversations;
struct resolve_ids;
struct reading_due;

struct watch;
struct drain;
struct drain_over;
struct table_taken;
struct connections_due;

/// One WebSocket connection: a device of a user once it has registered.
using connection_actor = caf::typed_actor<
    // A message for this device's user: goes out to the client.
    caf::reacts_to<delivery>,
    // A stored message of this device's user: goes out in the order of the inbox.
    caf::reacts_to<inbox_entry>,
    // A delivery that this connection sent met a device on its way out.
    caf::reacts_to<undelivered>,
    // What the directory answers.
    caf::reacts_to<registered>, caf::reacts_to<lookup_result>,
    // A user whom this connection follows has a device less, or other ones than before.
    caf::reacts_to<route_changed>,
    // Another device of this one's user has come or gone.
    caf::reacts_to<sibling_changed>,
    // The user has as many devices as one may have: this one is not registered.
    caf::reacts_to<device_refused>,
    // A line for people: goes out to the client.
    caf::reacts_to<notice>,
    // A shard was replaced: what it knew of this connection has to be told again.
    caf::reacts_to<directory_changed>,
    // Entries of this device's inbox may have been missed: it has to be seen where that stands.
    caf::reacts_to<inboxes_moved>,
    // The server stops: close with 1001 after what is queued.
    caf::reacts_to<going_away>,
    // What became of a send of this device, where it is no new entry of the inbox.
    caf::reacts_to<duplicate>, caf::reacts_to<store_failed>,
    // A mark of this device was not taken: too many wait.
    caf::reacts_to<mark_failed>,
    // A frame of the extended dialect: goes out to the client if it speaks that.
    caf::reacts_to<client_frame>,
    // What the archive's reader answers.
    caf::reacts_to<inbox_opened>, caf::reacts_to<inbox_page>, caf::reacts_to<query_result>,
    caf::reacts_to<ids_resolved>, caf::reacts_to<read_failed>,
    // The reader is no more: it answers nothing, now and later.
    caf::reacts_to<reader_lost>,
    // To itself: what a plain client has taken is to be noted.
    caf::reacts_to<delivery_due>,
    // To itself: the transport takes no more frames.
    caf::reacts_to<transport_closing>,
    // To itself: the socket is closed.
    caf::reacts_to<transport_closed>>;

/// One shard of the directory: who of its users is connected, with which devices.
using directory_actor = caf::typed_actor<
    // Adds a device, or updates the name of one that is there: it is answered with registered, and,
    // where messages are not stored, is then told of the user's other devices; or it is answered
    // with device_refused.
    caf::reacts_to<register_device>,
    // Forgets a device.
    caf::reacts_to<unregister_device>,
    // A user's devices: answered with lookup_result. Unless there are none, the asker is told of
    // devices that go, until one comes or it unfollows.
    caf::reacts_to<lookup>, caf::reacts_to<unfollow>,
    // How many devices of a project this shard knows.
    caf::replies_to<count_connected>::with<std::size_t>,
    // Passes a notice on to this shard's devices of a project.
    caf::reacts_to<departure_notice>,
    // Passes stored messages on to the devices in whose inboxes they are.
    caf::reacts_to<stored>,
    // Passes a frame on to a user's devices.
    caf::reacts_to<push>,
    // Another shard was replaced.
    caf::reacts_to<directory_changed>,
    // Passes that on to all devices of this shard.
    caf::reacts_to<inboxes_moved>,
    // To itself: the grace of the oldest departure is over; more followers are to be told.
    caf::reacts_to<departures_due>, caf::reacts_to<followers_due>>;

/// Stores messages, in batches: what has come in while one was written makes the next. Tells of
/// them when they are on disk, and not before.
using archive_actor = caf::typed_actor<
    // A message to store.
    caf::reacts_to<store_message>,
    // How far a user has read a conversation, or has the inbox.
    caf::reacts_to<mark_read>, caf::reacts_to<mark_received>, caf::reacts_to<mark_legacy_delivered>,
    // What a user has registered as.
    caf::reacts_to<note_profile>,
    // Where to tell: the supervisor is answered with table_taken.
    caf::reacts_to<directory_changed>,
    // To itself: what is pending is to be stored; marks that wait are to be set; work that was put
    // off is to be done; marks are to be written; old messages are to be forgotten.
    caf::reacts_to<commit_due>, caf::reacts_to<marking_due>, caf::reacts_to<tidy_due>,
    caf::reacts_to<marks_due>, caf::reacts_to<trim_due>>;

/// Reads what is stored, beside the archive. What cannot be read is answered with read_failed.
/// There are two: one is asked about inboxes, the other what clients want to know.
using archive_reader_actor = caf::typed_actor<
    // Where an inbox stands: answered with inbox_opened.
    caf::reacts_to<open_inbox>,
    // A part of an inbox, ready to go out: answered with inbox_page.
    caf::reacts_to<read_inbox>,
    // The frames that answer a client's queries: query_result.
    caf::reacts_to<read_history>, caf::reacts_to<read_conversations>,
    // Whether ids are stored as a frame has them: answered with ids_resolved.
    caf::reacts_to<resolve_ids>,
    // To itself: the next of those who wait is to be answered.
    caf::reacts_to<reading_due>>;

/// Starts the directory's shards, replaces one that dies, knows every connection.
using supervisor_actor = caf::typed_actor<
    // A new connection.
    caf::reacts_to<watch>,
    // Close every connection with 1001; the answer comes when they are gone or the grace is over,
    // and says how many were left.
    caf::replies_to<drain>::with<std::size_t>,
    // To itself: the grace is over.
    caf::reacts_to<drain_over>,
    // The archive tells the shards of a table from now on, and those of earlier ones nothing more.
    caf::reacts_to<table_taken>,
    // To itself: connections are told of a table that the archive has not taken yet.
    caf::reacts_to<connections_due>>;

/// The shards, by hash of the user's key. Immutable: a new version replaces it when a shard was
/// replaced.
struct directory_table {
  std::uint64_t version = 0;
  std::vector<directory_actor> shards;

  std::size_t index_of(const user_key& user) const noexcept {
    return std::hash<user_key>{}(user) % shards.size();
  }
  const directory_actor& shard_of(const user_key& user) const noexcept {
    return shards[index_of(user)];
  }
};

using directory_table_ptr = std::shared_ptr<const directory_table>;

// -- to connections -------------------------------------------------------------------------------

struct delivery {
  frame text;
};

struct undelivered {
  user_id to;
  connection_actor device; ///< that did not take it
};

struct route_changed {
  user_key user;
  /// The device that has gone. Null: one has come; the user is to be looked up anew, and is not
  /// followed any more. So however often devices come and go, what followers are told is no more
  /// than they have looked up.
  connection_actor gone = {};
};

struct sibling_changed {
  connection_actor device;
  bool present; ///< false: it is gone
};

struct device_refused {};

struct notice {
  frame text;
};

struct directory_changed {
  directory_table_ptr table;
  supervisor_actor answer_to = {}; ///< with table_taken; null: with nothing
};

struct inboxes_moved {};

struct going_away {};

struct inbox_entry {
  stored_message_ptr what;
  std::uint64_t seq;         ///< in the inbox of this device's user
  bool own;                  ///< this device has sent it
  std::optional<frame> text; ///< in the extended dialect; nothing for the device that has sent it
};

struct duplicate {
  std::uint64_t seq; ///< of the entry in the sender's inbox
  frame ack;         ///< the first one again
};

struct store_failed {
  std::string cid;
};

struct mark_failed {};

struct client_frame {
  frame text;
};

struct delivery_due {};

struct registered {
  /// The user's other devices; nothing: the same as the asker knows, or the directory itself passes
  /// on what is stored and nobody needs to know.
  std::optional<std::vector<connection_actor>> siblings = std::nullopt;
};

struct lookup_result {
  std::vector<connection_actor> devices; ///< none: not connected
};

struct inbox_opened {
  std::uint64_t head;  ///< the last entry; 0: none yet
  std::uint64_t floor; ///< the first that is still there
  std::uint64_t taken; ///< what the plain clients have taken
  bool continues;      ///< what was to be resumed is of this log, up to where it was
};

struct inbox_page {
  struct entry {
    std::uint64_t seq;
    frame text;
    bool wanted; ///< false: nothing for that dialect
  };
  std::vector<entry> entries; ///< in the order of seq, without a gap
};

struct query_result {
  frame text;
};

/// What is stored as it was asked for.
struct ids_resolved {
  bool project;
  bool user;
};

/// The store could not be read.
struct read_failed {
  enum class part : std::uint8_t {
    inbox, ///< whether to open it or a page of it
    query,
    ids
  };
  part of;
};

struct reader_lost {};

struct transport_closing {};

struct transport_closed {};

// -- to directory shards --------------------------------------------------------------------------

struct register_device {
  user_key user;
  std::string name;    ///< for notices
  std::string address; ///< for notices where the operator asks for it
  connection_actor device;
};

struct unregister_device {
  user_key user;
  connection_actor device;
};

struct lookup {
  user_key user;
  connection_actor asker;
};

struct unfollow {
  user_key user;
  connection_actor asker;
};

struct count_connected {
  project_id project;
};

struct departure_notice {
  project_id project;
  frame text;
};

struct departures_due {};

struct followers_due {};

struct stored {
  /// One inbox's view of a message.
  struct entry {
    stored_message_ptr what;
    connection_actor origin; ///< the sender's device, where this is the sender's inbox; else null

    bool of_sender() const noexcept { return origin != nullptr; }
    const user_id& owner() const noexcept { return of_sender() ? what->from : what->to; }
    std::uint64_t seq() const noexcept { return of_sender() ? what->from_seq : what->to_seq; }
  };
  std::vector<entry> entries; ///< each inbox's in their order
};

struct push {
  user_key user;
  frame text;
  connection_actor except; ///< that device knows already; may be null
};

// -- to the archive -------------------------------------------------------------------------------

struct store_message {
  project_id project;
  user_id from;
  user_id to;
  std::string cid; ///< empty: none
  std::string name;
  std::string color;
  std::string text;
  connection_actor origin; ///< to be told
};

struct mark_read {
  user_key reader;
  user_id with;
  std::uint64_t n;
  connection_actor origin;
};

struct mark_received {
  user_key user;
  std::uint64_t seq;
};

/// By the plain clients of the user, which do not say themselves what they have received.
struct mark_legacy_delivered {
  user_key user;
  std::uint64_t seq;
};

/// Has passed the archive's gate, with as many bytes as its texts have.
struct note_profile {
  user_key user;
  std::string name;
  std::string color;
};

struct commit_due {};

struct marking_due {};

struct tidy_due {};

struct marks_due {};

struct trim_due {};

// -- to the archive's reader ----------------------------------------------------------------------

struct open_inbox {
  user_key user;
  std::optional<resume_point> resume;
  connection_actor asker;
};

struct read_inbox {
  user_key user;
  std::uint64_t after;
  dialect speaks;
  connection_actor asker;
};

struct read_history {
  user_key user;
  user_id with;
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  unsigned limit;
  connection_actor asker;
};

struct read_conversations {
  user_key user;
  conversations_query what;
  connection_actor asker;
};

/// Ids that no new user gets, and that a store of an older version may have.
struct resolve_ids {
  std::optional<project_id> written; ///< a project as a frame has it, where that is unusual
  std::optional<project_id> spelled; ///< the project where that one is not stored; nothing: none
  std::optional<user_id> user;       ///< a user of that project as the frame has it
  connection_actor asker;
};
struct reading_due {};

// -- to the supervisor ----------------------------------------------------------------------------

struct watch {
  connection_actor connection;
  std::uint64_t table_version; ///< of the directory table that it was started with
};

struct drain {
  std::uint64_t grace_ms;
};

struct drain_over {};

struct table_taken {
  std::uint64_t version;
};

struct connections_due {
  std::uint64_t version; ///< of the table that they are told of, if no later one
};

} // namespace klatch

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::undelivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::route_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::sibling_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::device_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::notice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::directory_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::inboxes_moved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::going_away)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::inbox_entry)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::duplicate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::store_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::mark_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::client_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::delivery_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::registered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::lookup_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::inbox_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::inbox_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::query_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::ids_resolved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::read_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::reader_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::transport_closing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::transport_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::register_device)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::unregister_device)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::lookup)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::unfollow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::count_connected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::departure_notice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::departures_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::followers_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::stored)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::push)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::store_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::mark_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::mark_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::mark_legacy_delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::note_profile)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::commit_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::marking_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::tidy_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::marks_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::trim_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::open_inbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::read_inbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::read_history)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::read_conversations)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::resolve_ids)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::reading_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::watch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::drain_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::table_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::connections_due)
