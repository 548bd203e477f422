/// The messages that actors send each other, by name alone. What is in them stands with their
/// family: `routing_messages.hpp`, `archive_messages.hpp`, `supervision_messages.hpp`.
#pragma once

namespace klatch {

// Between connections and the directory.
struct delivery;
struct undelivered;
struct introduction;
struct route_changed;
struct sibling_changed;
struct device_refused;
struct notice;
struct client_frame;
struct registered;
struct lookup_result;
struct register_device;
struct unregister_device;
struct lookup;
struct unfollow;
struct count_connected;
struct departure_notice;
struct departures_due;
struct followers_due;
struct transport_closing;
struct transport_closed;

// Of what is stored.
struct inbox_entry;
struct duplicate;
struct store_failed;
struct mark_failed;
struct delivery_due;
struct held_due;
struct read_again;
struct inbox_opened;
struct inbox_page;
struct query_result;
struct ids_resolved;
struct read_failed;
struct stored;
struct push;
struct store_message;
struct mark_read;
struct mark_received;
struct mark_legacy_delivered;
struct note_profile;
struct commit_due;
struct marking_due;
struct upkeep_due;
struct open_inbox;
struct read_inbox;
struct run_query;
struct resolve_ids;
struct reading_due;

// Of who starts, watches and stops the others.
struct directory_changed;
struct inboxes_moved;
struct going_away;
struct reader_lost;
struct watch;
struct drain;
struct drain_due;
struct drain_over;
struct table_taken;
struct connections_due;
struct use_directory_settings;
struct use_archive_settings;
struct are_you_there;

// Of the nodes of a cluster.
struct told;
struct heads_known;
struct inbox_grown;
struct list_users;
struct all_start_over;
struct users_here;
struct read_heads;
struct heads_read;
struct bus_frame_came;
struct bus_changed;
struct bus_missed;
struct cluster_seen;
struct renewal_due;
struct telling_due;
struct heartbeat_due;
struct look_due;
struct node_said;
struct nodes_living;
struct look_around;
struct questions_due;
struct looking_due;

} // namespace klatch
