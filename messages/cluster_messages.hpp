/// What the nodes of a cluster tell each other, and what is told on behalf of that.
#pragma once

#include "messages/archive_messages.hpp"
#include "messages/ids.hpp"
#include "messages/interfaces.hpp"
#include "messages/node_record.hpp"
#include "messages/stored_message.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace klatch {

/// How far a user's inbox goes at least.
struct inbox_head {
  user_key user;
  std::uint64_t head = 0;

  friend bool operator==(const inbox_head&, const inbox_head&) = default;
};

/// For the other nodes: what the archive has done, and what shards ask and tell them of users.
struct told {
  struct message {
    stored_message_ptr what;
    std::vector<inbox_place> audience;
  };
  std::vector<message> stored;
  std::vector<inbox_head> heads;
  std::vector<push> pushes; ///< to all devices of their users
  std::vector<node_record> records{};
};

struct heads_known {
  std::vector<inbox_head> heads;
};

/// The inbox of the device's user goes up to `head` at least.
struct inbox_grown {
  std::uint64_t head;
};

struct list_users {
  herald_actor asker;
  std::uint64_t round; ///< goes back in the answer
};

struct users_here {
  std::uint64_t round;
  std::vector<user_key> users;
};

/// All devices come back and load anew what they have; so do those that come from a shard that is
/// no more, from then on.
struct all_start_over {};

struct read_heads {
  std::uint64_t round; ///< goes back in the answer
  std::vector<user_key> users;
  herald_actor asker;
};

struct heads_read {
  std::uint64_t round;
  bool failed; ///< they could not be read, and there are none
  std::vector<inbox_head> heads;
};

/// A frame of another node.
struct bus_frame_came {
  std::string bytes;
};

struct bus_changed {
  bool up;
};

/// Frames for this node are lost.
struct bus_missed {};

struct renewal_due {};

struct telling_due {};

struct heartbeat_due {};

struct look_due {};

/// What another node says of a user of this shard.
struct node_said {
  std::uint64_t node; ///< its incarnation
  node_record what;
};

/// Which nodes there are, by their incarnations.
struct nodes_living {
  std::uint64_t own;                 ///< of this node
  std::vector<std::uint64_t> others; ///< that answer
};

/// Something that other nodes have said of their users may be lost.
struct look_around {};

struct questions_due {};

struct looking_due {};

} // namespace klatch
