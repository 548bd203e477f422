/// What connections and the directory send each other.
#pragma once

#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/interfaces.hpp"

#include <optional>
#include <string>
#include <vector>

namespace klatch {

struct delivery {
  frame text;
};

struct undelivered {
  user_id to;
  connection_actor device; ///< that did not take it
};

/// Precedes the delivery; where messages are not stored.
struct introduction {
  user_id from;
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

struct client_frame {
  frame text;
};

struct registered {
  /// The user's other devices; nothing: the same as the asker knows, or the directory itself passes
  /// on what is stored and nobody needs to know.
  std::optional<std::vector<connection_actor>> siblings = std::nullopt;
};

struct lookup_result {
  std::vector<connection_actor> devices; ///< none: not connected
};

struct register_device {
  user_key user;
  std::string name;    ///< for notices
  std::string address; ///< for notices where the operator asks for it
  connection_actor device;
  bool again = false; ///< it was at a shard that is no more
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

struct transport_closing {};

struct transport_closed {};

} // namespace klatch
