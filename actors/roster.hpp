/// Who is connected, with which devices, and who wants to know of changes: the logic of a directory
/// shard.
#pragma once

#include "messages/ids.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Keeps the devices of users by project. `Device` is a handle that can be compared and copied;
/// nothing here knows actors, so that tests use numbers.
template<class Device>
class roster {
public:
  using devices = std::vector<Device>;
  /// A popular user has many: they are found by hash.
  using watchers = std::unordered_set<Device>;

  /// What followers have to be told after a change.
  struct change {
    devices now;
    watchers followers;
  };

  /// The last device of a user has gone.
  struct farewell {
    std::string name;
    std::string address;
  };

  struct removal {
    change told;
    std::optional<farewell> left; ///< set when that was the last device
  };

  /// Adds `device`, which then follows its own user; where it is known already, only updates name
  /// and address. Nothing where the devices are the same as before.
  std::optional<change> add(const user_key& user, std::string name, std::string address,
                            const Device& device) {
    auto& of_project = projects_[user.project];
    auto& of_user = of_project.users[user.user];
    of_user.name = std::move(name);
    of_user.address = std::move(address);
    if (contains(of_user.present, device))
      return std::nullopt;
    auto told = of_user.followers;
    of_user.present.push_back(device);
    of_user.followers.insert(device);
    ++of_project.connected;
    return change{of_user.present, std::move(told)};
  }

  /// Removes `device`. Nothing where it was not known. With the last device the user goes too,
  /// followers and all.
  std::optional<removal> remove(const user_key& user, const Device& device) {
    const auto project = projects_.find(user.project);
    if (project == projects_.end())
      return std::nullopt;
    auto& users = project->second.users;
    const auto found = users.find(user.user);
    if (found == users.end() || std::erase(found->second.present, device) == 0)
      return std::nullopt;
    auto& entry = found->second;
    entry.followers.erase(device);
    removal result{{entry.present, entry.followers}, std::nullopt};
    --project->second.connected;
    if (entry.present.empty()) {
      result.left = farewell{std::move(entry.name), std::move(entry.address)};
      users.erase(found);
      if (users.empty())
        projects_.erase(project);
    }
    return result;
  }

  /// The devices of `user`; `asker` follows the user from now on, unless there are none.
  devices follow(const user_key& user, const Device& asker) {
    auto* entry = find(user);
    if (entry == nullptr)
      return {};
    entry->followers.insert(asker);
    return entry->present;
  }

  void unfollow(const user_key& user, const Device& asker) {
    if (auto* entry = find(user); entry != nullptr)
      entry->followers.erase(asker);
  }

  /// The devices of `user`, without following.
  devices devices_of(const user_key& user) {
    const auto* entry = find(user);
    return entry == nullptr ? devices{} : entry->present;
  }

  /// The same without a copy, until the next change; null where there are none.
  const devices* devices_of(const project_id& project, const user_id& user) const {
    const auto of_project = projects_.find(project);
    if (of_project == projects_.end())
      return nullptr;
    const auto found = of_project->second.users.find(user);
    return found == of_project->second.users.end() ? nullptr : &found->second.present;
  }

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
      for (const auto& device : entry.present)
        visit(device);
  }

private:
  struct user_entry {
    std::string name;
    std::string address;
    devices present;
    watchers followers;
  };
  struct project_entry {
    std::unordered_map<user_id, user_entry> users;
    std::size_t connected = 0;
  };

  static bool contains(const devices& in, const Device& device) {
    return std::find(in.begin(), in.end(), device) != in.end();
  }

  user_entry* find(const user_key& user) {
    const auto project = projects_.find(user.project);
    if (project == projects_.end())
      return nullptr;
    const auto found = project->second.users.find(user.user);
    return found == project->second.users.end() ? nullptr : &found->second;
  }

  std::unordered_map<project_id, project_entry> projects_;
};

} // namespace klatch::actors
