/// Messages that are not stored: straight to the recipient's connections, by handles cached from
/// the directory.
#pragma once

#include "actors/connection/cold_state.hpp"
#include "actors/connection/identity.hpp"
#include "actors/connection/routes.hpp"
#include "messages/errors.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/encode_message.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Most users a connection follows; beyond, another one is looked up anew when it is written to
/// next.
inline constexpr std::size_t max_routes = 256;

/// A part of the connection, without actors: `core` is what it does things with, `Device` a handle
/// to another connection.
template<class Device>
class direct_delivery {
public:
  using devices = std::vector<Device>;
  using devices_view = std::span<const Device>;

  void route(auto&& core, const user_message& asked, const frame_key& key) {
    if (core.is_guest() && !may_write(core, asked.to))
      return core.refuse(error_code::forbidden, guests_only_answer, key);
    const auto text = encode(usermsg{.name = sender_name(core.me(), core.speaks(), asked),
                                     .message = asked.message,
                                     .color = sender_color(core.me(), core.speaks(), asked),
                                     .from = core.me().user(),
                                     .to = asked.to});
    if (asked.to == core.me().user()) {
      core.send(text);
      deliver_to_siblings(core, text);
      return confirm(core, key);
    }
    if (const auto receivers = routes_.find(asked.to); !receivers.empty()) {
      deliver(core, receivers, text);
      return confirm(core, key);
    }
    if (auto to = user_id::parse(asked.to))
      return look_up(core, *std::move(to), text, key);
    core.refuse(error_code::bad_frame, "to_id is not a user's id", key);
  }

  /// The directory has answered: `found` are the recipient's devices.
  void on_lookup_result(auto&& core, devices_view found) {
    const auto asked = take_lookup(core);
    if (!asked)
      return;
    if (found.empty()) {
      core.send(encode_not_connected(core.speaks(), asked->to.str(), asked->key.view()));
    } else {
      if (is_guest_id(asked->to.str()))
        for (const auto& device : found)
          core.introduce(device);
      deliver(core, found, asked->text);
      remember(core, asked->to.str(), found);
      confirm(core, asked->key.view());
    }
    core.resume_reading();
  }

  /// Shards of the directory are no more: those of the users for whom `replaced` is true.
  void on_shards_replaced(auto&& core, auto replaced) {
    routes_.drop_if([&](std::string_view user) { return replaced(user); });
    const auto* cold = core.cold().peek();
    if (cold == nullptr || !cold->lookup || !replaced(cold->lookup->to.str()))
      return;
    const auto asked = take_lookup(core);
    core.refuse(error_code::unavailable, {}, asked->key.view());
    core.resume_reading();
  }

  /// A user who is followed has not the device `gone` any more.
  void on_device_gone(std::string_view user, const Device& gone) { routes_.remove(user, gone); }
  /// A user who is followed has other devices than before.
  void on_devices_changed(std::string_view user) { routes_.set(user, {}); }

  /// `device` did not take a message to the user `to`.
  void on_undelivered(auto&& core, std::string_view to, const Device& device) {
    if (to == core.me().user()) {
      if (auto* cold = core.cold().peek())
        std::erase(cold->siblings, device);
      return;
    }
    // The directory tells of the change too, before or after this.
    if (routes_.remove(to, device))
      core.send(encode_not_connected(core.speaks(), to));
  }

  static void set_siblings(auto&& core, devices others) {
    if (core.cold().peek() != nullptr || !others.empty())
      core.cold().get().siblings = std::move(others);
  }

  static void on_sibling_changed(auto&& core, const Device& device, bool present) {
    if (present)
      core.cold().get().siblings.push_back(device);
    else if (auto* cold = core.cold().peek())
      std::erase(cold->siblings, device);
  }

  /// The connection ends: follows nobody any more.
  void stop(auto&& core) {
    routes_.for_each([&](std::string_view user) { core.unfollow(user); });
    routes_ = {};
    if (const auto* cold = core.cold().peek(); cold != nullptr && cold->lookup)
      core.unfollow(cold->lookup->to.str());
  }

private:
  static bool may_write(auto&& core, std::string_view to) {
    const auto* cold = core.cold().peek();
    return core.may_write_first(to) || (cold != nullptr && cold->introduced.has(to));
  }

  /// Reads nothing more from the client until the directory has answered.
  static void look_up(auto&& core, user_id to, frame text, const frame_key& key) {
    core.pause_reading();
    core.look_up(to);
    core.cold().get().lookup = pending_lookup{
        std::move(to), std::move(text), {std::string{key.cid}, std::string{key.ref}}};
  }

  static std::optional<pending_lookup> take_lookup(auto&& core) {
    auto* cold = core.cold().peek();
    return cold == nullptr ? std::nullopt : std::exchange(cold->lookup, std::nullopt);
  }

  /// Tells an extended client that its message was handed on.
  static void confirm(auto&& core, const frame_key& of) {
    if (core.speaks() == dialect::extended)
      core.send(encode_ack(of, core.wall_time_ms()));
  }

  static void deliver(auto&& core, devices_view receivers, const frame& text) {
    for (const auto& device : receivers)
      core.deliver(device, text);
    deliver_to_siblings(core, text);
  }

  static void deliver_to_siblings(auto&& core, const frame& text) {
    const auto* cold = core.cold().peek();
    if (cold == nullptr)
      return;
    for (const auto& device : cold->siblings)
      core.deliver(device, text);
  }

  void remember(auto&& core, std::string_view to, devices_view receivers) {
    if (routes_.size() >= max_routes) {
      const auto evicted = routes_.any();
      core.unfollow(evicted);
      routes_.set(evicted, {});
    }
    routes_.set(to, receivers);
  }

  routes<Device> routes_; ///< to users who are followed
};

} // namespace klatch::actors
