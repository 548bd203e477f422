/// Which users have devices at other nodes, as far as anybody here needs to know.
#pragma once

#include "actors/runtime/small_set.hpp"
#include "messages/ids.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Of each such user the nodes, the one that stands for the devices there, and who follows the
/// user. `Device` is a handle that can be compared and copied; nothing here knows actors. What it
/// knows of a node goes with that node.
template<class Device>
class users_elsewhere {
public:
  using followers = std::vector<Device>;

  std::size_t size() const noexcept { return users_.size(); }
  bool has(const user_key& user) const { return users_.count(user) != 0; }

  /// Who stands for the devices of `user`; null if there are none that are known.
  const Device* find(const user_key& user) const {
    const auto known = users_.find(user);
    return known == users_.end() ? nullptr : &known->second.there;
  }

  /// `node` has devices of `user`. Returns false if that is known. `make` makes who stands for
  /// them, if nobody does yet.
  template<class Make>
  bool add(const user_key& user, std::uint64_t node, Make make) {
    auto known = users_.find(user);
    if (known == users_.end())
      known = users_.emplace(user, entry{make()}).first;
    auto& nodes = known->second.nodes;
    if (std::find(nodes.begin(), nodes.end(), node) != nodes.end())
      return false;
    nodes.push_back(node);
    return true;
  }

  /// `node` has none any more. Returns true if no other has: then `take` is to be called.
  bool remove(const user_key& user, std::uint64_t node) {
    const auto known = users_.find(user);
    return known != users_.end() && std::erase(known->second.nodes, node) != 0 &&
           known->second.nodes.empty();
  }

  /// Forgets `user`. Returns who stood for the devices, and the followers. Expects `has`.
  std::pair<Device, followers> take(const user_key& user) {
    const auto known = users_.find(user);
    assert(known != users_.end());
    std::pair<Device, followers> result{std::move(known->second.there), listed(known->second)};
    users_.erase(known);
    return result;
  }

  /// `asker` is to be told when that changes; if nothing is known of `user`, it is not.
  void follow(const user_key& user, const Device& asker) {
    if (const auto known = users_.find(user); known != users_.end())
      known->second.followed_by.insert(asker);
  }
  void unfollow(const user_key& user, const Device& asker) {
    if (const auto known = users_.find(user); known != users_.end())
      known->second.followed_by.erase(asker);
  }
  bool is_followed(const user_key& user) const {
    const auto known = users_.find(user);
    return known != users_.end() && !known->second.followed_by.empty();
  }
  /// They follow no longer.
  followers take_followers(const user_key& user) {
    const auto known = users_.find(user);
    if (known == users_.end())
      return {};
    auto result = listed(known->second);
    known->second.followed_by = {};
    return result;
  }

  /// Users of nodes that are not among `living`: with each such node.
  std::vector<std::pair<user_key, std::uint64_t>>
  at_nodes_beside(std::span<const std::uint64_t> living) const {
    std::vector<std::pair<user_key, std::uint64_t>> found;
    for (const auto& [user, each] : users_)
      for (const auto node : each.nodes)
        if (std::find(living.begin(), living.end(), node) == living.end())
          found.emplace_back(user, node);
    return found;
  }

  /// Returns some user whom `fits` is true of. Goes on where it ended last, and looks at the users
  /// of at most 256 buckets: nothing if none of them fits.
  template<class Predicate>
  std::optional<user_key> look_for(Predicate fits) {
    constexpr int most_buckets = 256;
    for (int left = most_buckets; left > 0; --left) {
      hand_ = (hand_ + 1) % users_.bucket_count();
      for (auto each = users_.cbegin(hand_); each != users_.cend(hand_); ++each)
        if (fits(each->first))
          return each->first;
    }
    return std::nullopt;
  }

  /// Calls `visit` with every user.
  template<class Visitor>
  void for_each_user(Visitor visit) const {
    for (const auto& [user, each] : users_)
      visit(user);
  }

private:
  struct entry {
    Device there;
    std::vector<std::uint64_t> nodes{};
    small_set<Device> followed_by{};
  };

  static followers listed(const entry& from) {
    followers all;
    from.followed_by.for_each([&all](const Device& each) { all.push_back(each); });
    return all;
  }

  std::unordered_map<user_key, entry> users_;
  std::size_t hand_ = 0; ///< the bucket that was looked at last
};

} // namespace klatch::actors
