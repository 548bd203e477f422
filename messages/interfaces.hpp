/// The actor graph on a page: who there is, what each may be sent, and what it answers.
///
///   connection ──register_device, lookup, unfollow, unregister_device──▶ directory shard
///   connection ──delivery, undelivered──▶ connection
///   directory  ──route_changed, notice──▶ connection
///   directory  ──census, announce──▶ directory (the other shards)
///   supervisor ──directory_changed, going_away──▶ connection, directory
#pragma once

#include "messages/frame.hpp"
#include "messages/ids.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/unit.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace klatch {

struct delivery;
struct undelivered;
struct route_changed;
struct notice;
struct directory_changed;
struct going_away;
struct transport_closing;
struct transport_closed;

struct register_device;
struct unregister_device;
struct lookup;
struct route;
struct unfollow;
struct census;
struct announce;
struct departures_due;

struct watch;
struct drain;
struct drain_over;

/// One WebSocket connection: a device of a user once it has registered.
using connection_actor = caf::typed_actor<
    // A message for this device's user: goes out to the client.
    caf::reacts_to<delivery>,
    // A delivery that this connection sent met a device on its way out.
    caf::reacts_to<undelivered>,
    // A user whom this connection follows has other devices than before.
    caf::reacts_to<route_changed>,
    // A line for people: goes out to the client.
    caf::reacts_to<notice>,
    // A shard was replaced: what it knew of this connection has to be told again.
    caf::reacts_to<directory_changed>,
    // The server stops: close with 1001 after what is queued.
    caf::reacts_to<going_away>,
    // To itself: the transport takes no more frames.
    caf::reacts_to<transport_closing>,
    // To itself: the socket is closed.
    caf::reacts_to<transport_closed>>;

/// One shard of the directory: who of its users is connected, with which devices.
using directory_actor = caf::typed_actor<
    // Adds a device, or updates the name of one that is there; the asker then follows its own user.
    caf::replies_to<register_device>::with<route>,
    // Forgets a device; the answer says that nobody is sent its handle any more.
    caf::replies_to<unregister_device>::with<caf::unit_t>,
    // A user's devices; unless there are none, the asker is told of changes until it unfollows.
    caf::replies_to<lookup>::with<route>, caf::reacts_to<unfollow>,
    // How many devices of a project this shard knows.
    caf::replies_to<census>::with<std::size_t>,
    // Passes a notice on to this shard's devices of a project.
    caf::reacts_to<announce>,
    // Another shard was replaced.
    caf::reacts_to<directory_changed>,
    // To itself: the grace of the oldest departure is over.
    caf::reacts_to<departures_due>>;

/// Starts the directory's shards, replaces one that dies, knows every connection.
using supervisor_actor = caf::typed_actor<
    // A new connection.
    caf::reacts_to<watch>,
    // Close every connection with 1001; the answer comes when they are gone or the grace is over,
    // and says how many were left.
    caf::replies_to<drain>::with<std::size_t>,
    // To itself: the grace is over.
    caf::reacts_to<drain_over>>;

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
  std::vector<connection_actor> devices; ///< empty: gone, and no longer followed
};

struct notice {
  frame text;
};

struct directory_changed {
  directory_table_ptr table;
};

struct going_away {};

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

struct route {
  std::vector<connection_actor> devices;
};

struct unfollow {
  user_key user;
  connection_actor asker;
};

struct census {
  project_id project;
};

struct announce {
  project_id project;
  frame text;
};

struct departures_due {};

// -- to the supervisor ----------------------------------------------------------------------------

struct watch {
  connection_actor connection;
  std::uint64_t table_version; ///< of the directory table that it was started with
};

struct drain {
  std::uint64_t grace_ms;
};

struct drain_over {};

} // namespace klatch

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::undelivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::route_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::notice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::directory_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::going_away)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::transport_closing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::transport_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::register_device)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::unregister_device)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::lookup)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::route)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::unfollow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::census)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::announce)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::departures_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::watch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::drain_over)
