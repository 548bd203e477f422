/// Who may come in: the keys, and what is asked of a token beyond its signature.
#pragma once

#include "messages/auth/token_key.hpp"
#include "messages/auth/wanted_keys.hpp"
#include "messages/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace klatch {

/// Guests: visitors without a token, to whom the service gives one.
struct guest_rules {
  token_key key; ///< of HS256, the service's own
  /// Users to whom guests may write first, whatever the project.
  std::unordered_set<std::string, text_hash, std::equal_to<>> contacts;
  bool may_write_to_all = false;
  std::int64_t lifetime = 0; ///< of a token, in seconds

  /// Returns true if a guest may write to `user` without having been written to.
  bool may_write_to(std::string_view user) const {
    return may_write_to_all || contacts.contains(user);
  }
};

/// Does not change once it is made: a reload makes another.
struct access_rules {
  std::vector<token_key> keys;
  std::string audience; ///< that `aud` has to name; empty: any, or none
  std::string issuer;   ///< that `iss` has to be; empty: any, or none
  /// Tokens of a user that were issued before that many seconds since 1970 UTC do not count.
  std::unordered_map<user_key, std::int64_t> not_before;
  /// Nothing: visitors without a token are not let in. Never in open mode.
  std::optional<guest_rules> guests;
  /// There are keys to come, from elsewhere: users need tokens although there is none yet.
  bool awaits_keys = false;
  /// Where keys that are not there are asked for; null: nowhere.
  std::shared_ptr<wanted_keys> wanted;

  /// Nobody is asked who they are.
  bool open() const noexcept { return keys.empty() && !awaits_keys; }

  /// Returns true if a token of some key may name `project`.
  bool knows_project(std::string_view project) const {
    return awaits_keys || std::any_of(keys.begin(), keys.end(), [&](const token_key& each) {
             return each.projects.empty() || std::find(each.projects.begin(), each.projects.end(),
                                                       project) != each.projects.end();
           });
  }

  /// Returns from when on the tokens of `user` count; nothing: all do.
  std::optional<std::int64_t> revoked_before(const user_key& user) const {
    const auto found = not_before.find(user);
    return found == not_before.end() ? std::nullopt : std::optional{found->second};
  }
};

using access_rules_ptr = std::shared_ptr<const access_rules>;

} // namespace klatch
