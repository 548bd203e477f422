/// The actor graph on a page: who there is, what each may be sent, and what it answers.
///
///   connection ──register_device, lookup, unfollow, unregister_device──▶ directory shard
///   directory  ──registered, device_refused, sibling_changed──▶ connection
///   directory  ──lookup_result, route_changed, notice──▶ connection
///   connection ──delivery, undelivered, introduction──▶ connection
///   directory  ──count_connected, departure_notice──▶ directory (the other shards)
///   supervisor ──directory_changed, reader_lost, going_away──▶ connection
///   supervisor ──directory_changed──▶ directory, archive, herald ──table_taken──▶ supervisor
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
/// and, where there are several nodes, most of it where they share a store,
///
///   archive    ──told──▶ herald ══bus══▶ the heralds of other nodes
///   herald     ──stored, push, heads_known──▶ directory ──inbox_grown──▶ connection
///   herald     ──all_start_over──▶ directory ──going_away──▶ connection
///   directory  ──told──▶ herald ──node_said, nodes_living, look_around──▶ directory
///   herald     ──list_users──▶ directory ──users_here──▶ herald
///   herald     ──read_heads──▶ archive reader ──heads_read──▶ herald
///   lease keeper ──cluster_seen──▶ herald
///
/// What a connection asks for comes as a message of its own: it says who asks, and whoever is asked
/// answers in order. A shard that dies answers nothing more, and directory_changed comes after all
/// that it has answered; a reader that dies likewise, and reader_lost.
#pragma once

#include "messages/fwd.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <type_traits>

namespace klatch {

/// One WebSocket connection: a device of a user once it has registered.
using connection_actor = caf::typed_actor<
    // A message for this device's user: goes out to the client.
    caf::reacts_to<delivery>,
    // A stored message of this device's user: goes out in the order of the inbox.
    caf::reacts_to<inbox_entry>,
    // A delivery that this connection sent met a device on its way out.
    caf::reacts_to<undelivered>,
    // That user writes to this device's, a guest, who may answer.
    caf::reacts_to<introduction>,
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
    // The inbox of this device's user goes so far: what has not come yet is to be read.
    caf::reacts_to<inbox_grown>,
    // The server stops: say when to come back, and close with 1012 after what is queued.
    caf::reacts_to<going_away>,
    // What became of a send of this device, if it is no new entry of the inbox.
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
    // To itself: what a plain client has taken is to be noted; entries have waited long enough for
    // those in front of them; the reader is to be asked once more.
    caf::reacts_to<delivery_due>, caf::reacts_to<held_due>, caf::reacts_to<read_again>,
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
    // How far inboxes go: devices that may not know are sent inbox_grown.
    caf::reacts_to<heads_known>,
    // Who is there: answered with users_here.
    caf::reacts_to<list_users>,
    // Closes all devices of this shard with 1012: what they have of their inboxes may be wrong.
    caf::reacts_to<all_start_over>,
    // Of other nodes: what one says of a user of this shard; which there are; what they have said
    // may be lost, and they are to be asked again.
    caf::reacts_to<node_said>, caf::reacts_to<nodes_living>, caf::reacts_to<look_around>,
    // Other settings hold.
    caf::reacts_to<use_directory_settings>,
    // To itself: the grace of the oldest departure is over; more followers are to be told.
    caf::reacts_to<departures_due>, caf::reacts_to<followers_due>,
    // To itself: nodes have been waited for long enough; more of them are to be asked.
    caf::reacts_to<questions_due>, caf::reacts_to<looking_due>>;

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
    // Other settings hold.
    caf::reacts_to<use_archive_settings>,
    // Is it stuck?
    caf::reacts_to<are_you_there>,
    // To itself: what is pending is to be stored; marks that wait are to be set; the store is to do
    // what it has put off.
    caf::reacts_to<commit_due>, caf::reacts_to<marking_due>, caf::reacts_to<upkeep_due>>;

/// Tells other nodes what was stored here, and shards what was stored there; takes what shards of
/// different nodes say to each other.
using herald_actor = caf::typed_actor<
    // What the archive has done, and what shards ask and tell other nodes.
    caf::reacts_to<told>,
    // From the bus: a frame of another node; it is up, or down; frames are lost.
    caf::reacts_to<bus_frame_came>, caf::reacts_to<bus_changed>, caf::reacts_to<bus_missed>,
    // Which nodes there are.
    caf::reacts_to<cluster_seen>,
    // Where to tell: the supervisor is answered with table_taken.
    caf::reacts_to<directory_changed>,
    // What shards answer, and the reader.
    caf::reacts_to<users_here>, caf::reacts_to<heads_read>,
    // To itself: what is pending is to be told; the other nodes are to hear that this one is there;
    // it is to be seen where inboxes stand.
    caf::reacts_to<telling_due>, caf::reacts_to<heartbeat_due>, caf::reacts_to<look_due>>;

/// Keeps this node's lease on the store.
using lease_keeper_actor = caf::typed_actor<
    // To itself: the lease is to be renewed.
    caf::reacts_to<renewal_due>>;

/// Whoever tells the directory's shards of what is stored: an archive, or the herald.
using publisher_actor = caf::typed_actor<caf::reacts_to<directory_changed>>;

/// Reads what is stored, beside the archive. What cannot be read is answered with read_failed.
/// There are several: some are asked about inboxes, others what clients want to know.
using archive_reader_actor = caf::typed_actor<
    // Where an inbox stands: answered with inbox_opened.
    caf::reacts_to<open_inbox>,
    // A part of an inbox, ready to go out: answered with inbox_page.
    caf::reacts_to<read_inbox>,
    // A client's query: answered with query_result.
    caf::reacts_to<run_query>,
    // Which ids are stored as a frame has them: answered with ids_resolved.
    caf::reacts_to<resolve_ids>,
    // How far inboxes go: answered with heads_read.
    caf::reacts_to<read_heads>,
    // To itself: the next of those who wait is to be answered.
    caf::reacts_to<reading_due>>;

/// Starts the directory's shards, replaces one that dies, knows every connection.
using supervisor_actor = caf::typed_actor<
    // A new connection.
    caf::reacts_to<watch>,
    // Close every connection with 1012; the answer comes when they are gone or the grace is over,
    // and says how many were left.
    caf::replies_to<drain>::with<std::size_t>,
    // To itself: more connections are to be closed.
    caf::reacts_to<drain_due>,
    // To itself, or from outside: the grace is over.
    caf::reacts_to<drain_over>,
    // The archive tells the shards of a table from now on, and those of earlier ones nothing more.
    caf::reacts_to<table_taken>,
    // Other settings hold for all shards, those that come later too.
    caf::reacts_to<use_directory_settings>,
    // To itself: connections are told of a table that the archive has not taken yet.
    caf::reacts_to<connections_due>>;

/// Found for a pointer to any type of this namespace by where that stands, also before it is whole.
std::true_type stands_in_klatch(const volatile void*);

} // namespace klatch

/// All messages of ours stay within the process: none can be serialised.
template<class T>
requires(std::is_class_v<T>&& requires {
  stands_in_klatch(static_cast<T*>(nullptr));
}) struct caf::allowed_unsafe_message_type<T> : std::true_type {
};
