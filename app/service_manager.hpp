/// systemd, or whatever else starts and watches services as it does. Where klatch was built without
/// libsystemd, or nothing of the kind has started it, all of this does nothing.
#pragma once

#include "net/loop/descriptor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace klatch::app {

/// There is one that wants to be told.
bool has_manager();

/// Tells it of a state, in the words of sd_notify(3): `READY=1`, `STOPPING=1`.
void notify_manager(const std::string& state);

/// Tells it that settings are being reloaded; `READY=1` is to follow.
void notify_reloading();

/// Returns how often it wants to hear `WATCHDOG=1`; nothing: never.
std::optional<std::chrono::microseconds> watchdog_interval();

/// A socket that it has opened, and the FileDescriptorName of its unit.
struct passed_socket {
  net::descriptor socket;
  std::string name;
};

/// Takes over the sockets that it has passed on; once only, before there are threads. Throws
/// `std::system_error` if they are not there.
std::vector<passed_socket> take_passed_sockets();

} // namespace klatch::app
