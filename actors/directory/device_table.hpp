/// Who is connected, with which devices, and who wants to know of changes: the logic of a directory
/// shard.
#pragma once

#include "actors/runtime/packed_strings.hpp"
#include "actors/runtime/small_set.hpp"
#include "messages/ids.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace klatch::actors {

/// Keeps the devices of users by project. `Device` is a handle that can be compared and copied;
/// nothing here knows actors, so that tests use numbers.
template<class Device>
class device_table {
public:
  using devices = std::vector<Device>;
  /// Devices that asked for a user and are to be notified of a change.
  using followers = std::vector<Device>;

  struct removal {
    followers of_user;               ///< to be notified
    std::optional<std::string> left; ///< the label, when that was the user's last device
  };

  /// Returns true if `user` has that device.
  bool has(const user_key& user, const Device& device) const {
    return contains(devices_of(user.project, user.user), device);
  }

  /// Adds `device`; if it is known already, only updates the label: what the user is called when
  /// the last device goes. Returns nothing if the devices are the same as before; else the
  /// followers, which follow no longer.
  std::optional<followers> add(const user_key& user, std::string_view label, const Device& device) {
    auto& of_project = projects_[user.project];
    const auto [found, is_new] = of_project.users.try_emplace(user.user, device);
    auto& of_user = found->second;
    of_user.label = packed_strings<1>{{label}};
    if (!is_new && contains(of_user.present(), device))
      return std::nullopt;
    ++of_project.connected;
    if (is_new) {
      ++users_;
      return followers{};
    }
    of_user.add(device);
    return of_user.take_followers();
  }

  /// Removes `device`. Returns nothing if it was not known. With the last device the user goes too.
  std::optional<removal> remove(const user_key& user, const Device& device) {
    const auto project = projects_.find(user.project);
    if (project == projects_.end())
      return std::nullopt;
    auto& users = project->second.users;
    const auto found = users.find(user.user);
    if (found == users.end() || !contains(found->second.present(), device))
      return std::nullopt;
    assert(project->second.connected >= found->second.present().size());
    --project->second.connected;
    auto& entry = found->second;
    removal result{entry.followed_by(), std::nullopt};
    if (entry.present().size() > 1) {
      entry.remove(device);
      return result;
    }
    result.left = std::string{entry.label[0]};
    users.erase(found);
    --users_;
    assert(users.empty() == (project->second.connected == 0));
    if (users.empty())
      projects_.erase(project);
    return result;
  }

  /// The devices of `user`; `asker` follows the user until a device is added, unless there are
  /// none.
  devices follow(const user_key& user, const Device& asker) {
    auto* entry = find(user);
    if (entry == nullptr)
      return {};
    entry->follow(asker);
    return copy_of(entry->present());
  }

  void unfollow(const user_key& user, const Device& asker) {
    if (auto* entry = find(user); entry != nullptr)
      entry->unfollow(asker);
  }

  /// The user's followers, which follow no longer.
  followers take_followers(const user_key& user) {
    auto* entry = find(user);
    return entry == nullptr ? followers{} : entry->take_followers();
  }

  /// The devices of `user`, without following.
  devices devices_of(const user_key& user) const {
    return copy_of(devices_of(user.project, user.user));
  }

  /// The same without a copy, until the next change; empty if there are none.
  std::span<const Device> devices_of(const project_id& project, const user_id& user) const {
    const auto of_project = projects_.find(project);
    if (of_project == projects_.end())
      return {};
    const auto found = of_project->second.users.find(user);
    return found == of_project->second.users.end() ? std::span<const Device>{}
                                                   : found->second.present();
  }

  /// Notes that the user's inbox goes up to `head`. Returns the devices, until the next change, if
  /// that was not known; none if it was, or if the user has none.
  std::span<const Device> raise_head(const project_id& project, const user_id& user,
                                     std::uint64_t head) {
    auto* entry = find(project, user);
    return entry == nullptr || !entry->raise_head(head) ? std::span<const Device>{}
                                                        : entry->present();
  }

  /// Of no user it is known any more how far the inbox goes.
  void forget_heads() noexcept {
    for (auto& [project, of_project] : projects_)
      for (auto& [user, entry] : of_project.users)
        entry.forget_head();
  }

  /// How many users have devices, and how many projects have users.
  std::size_t users() const noexcept { return users_; }
  std::size_t projects() const noexcept { return projects_.size(); }

  /// How many devices of `project` are connected.
  std::size_t connected(const project_id& project) const {
    const auto found = projects_.find(project);
    return found == projects_.end() ? 0 : found->second.connected;
  }

  /// Calls `visit` with every device of `project`.
  template<class Visitor>
  void for_each_device(const project_id& project, Visitor visit) const {
    const auto found = projects_.find(project);
    if (found == projects_.end())
      return;
    for (const auto& [user, entry] : found->second.users)
      for (const auto& device : entry.present())
        visit(device);
  }

  /// Calls `visit` with every user, by project and id.
  template<class Visitor>
  void for_each_user(Visitor visit) const {
    for (const auto& [project, of_project] : projects_)
      for (const auto& [user, entry] : of_project.users)
        visit(project, user);
  }

  /// Calls `visit` with every device of every project.
  template<class Visitor>
  void for_each_device(Visitor visit) const {
    for (const auto& [project, of_project] : projects_)
      for_each_device(project, visit);
  }

private:
  /// A user: most have one device and at most one who asks, and take no memory beside their node.
  class user_entry {
  public:
    explicit user_entry(const Device& first) : first_(first) {}

    packed_strings<1> label;

    bool raise_head(std::uint64_t head) noexcept { return head > head_ && (head_ = head, true); }
    void forget_head() noexcept { head_ = 0; }

    /// Never empty.
    std::span<const Device> present() const noexcept {
      const auto* more = crowd_or_null();
      return more == nullptr || more->present.empty() ? std::span<const Device>{&first_, 1}
                                                      : std::span<const Device>{more->present};
    }

    void add(const Device& device) {
      assert(!contains(present(), device));
      auto& all = make_crowd().present;
      if (all.empty())
        all.push_back(first_);
      all.push_back(device);
    }

    /// Of several.
    void remove(const Device& device) {
      assert(present().size() > 1 && contains(present(), device));
      auto& more = make_crowd();
      std::erase(more.present, device);
      first_ = more.present.front();
      if (more.present.size() == 1)
        more.present = {};
      shrink();
    }

    void follow(const Device& asker) {
      if (std::holds_alternative<std::monostate>(rest_))
        rest_ = asker;
      else if (!only_follower_is(asker))
        make_crowd().followers.insert(asker);
    }

    void unfollow(const Device& asker) {
      if (only_follower_is(asker))
        rest_ = std::monostate{};
      if (crowd_or_null() == nullptr)
        return;
      make_crowd().followers.erase(asker);
      shrink();
    }

    followers followed_by() const {
      followers result;
      if (const auto* only = std::get_if<Device>(&rest_)) {
        result.push_back(*only);
      } else if (const auto* more = crowd_or_null()) {
        result.reserve(more->followers.size());
        more->followers.for_each([&result](const Device& each) { result.push_back(each); });
      }
      return result;
    }

    followers take_followers() {
      auto result = followed_by();
      if (std::holds_alternative<Device>(rest_)) {
        rest_ = std::monostate{};
      } else if (crowd_or_null() != nullptr) {
        make_crowd().followers = {};
        shrink();
      }
      return result;
    }

  private:
    struct crowd {
      devices present; ///< all, where there is more than one
      small_set<Device> followers;
    };

    bool only_follower_is(const Device& device) const {
      const auto* only = std::get_if<Device>(&rest_);
      return only != nullptr && *only == device;
    }
    const crowd* crowd_or_null() const noexcept {
      const auto* made = std::get_if<std::unique_ptr<crowd>>(&rest_);
      return made == nullptr ? nullptr : made->get();
    }
    crowd& make_crowd() {
      if (auto* made = std::get_if<std::unique_ptr<crowd>>(&rest_))
        return **made;
      auto made = std::make_unique<crowd>();
      if (const auto* only = std::get_if<Device>(&rest_))
        made->followers.insert(*only);
      return *rest_.template emplace<std::unique_ptr<crowd>>(std::move(made));
    }
    /// Back to what takes no memory of its own, if that will do.
    void shrink() {
      const auto* more = crowd_or_null();
      assert(more != nullptr && more->present.size() != 1);
      if (!more->present.empty() || more->followers.size() > 1)
        return;
      std::optional<Device> only;
      more->followers.for_each([&only](const Device& follower) { only = follower; });
      if (only)
        rest_ = *std::move(only);
      else
        rest_ = std::monostate{};
    }

    std::uint64_t head_ = 0; ///< of the user's inbox, as far as devices have been told
    Device first_;
    /// Nothing, the only follower of the only device, or what there is of either.
    std::variant<std::monostate, Device, std::unique_ptr<crowd>> rest_;
  };
  struct project_entry {
    std::unordered_map<user_id, user_entry> users;
    std::size_t connected = 0;
  };

  static bool contains(std::span<const Device> in, const Device& device) {
    return std::find(in.begin(), in.end(), device) != in.end();
  }
  static devices copy_of(std::span<const Device> from) { return {from.begin(), from.end()}; }

  user_entry* find(const project_id& project, const user_id& user) {
    const auto of_project = projects_.find(project);
    if (of_project == projects_.end())
      return nullptr;
    const auto found = of_project->second.users.find(user);
    return found == of_project->second.users.end() ? nullptr : &found->second;
  }
  user_entry* find(const user_key& user) { return find(user.project, user.user); }

  std::unordered_map<project_id, project_entry> projects_;
  std::size_t users_ = 0;
};

} // namespace klatch::actors
