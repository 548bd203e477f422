/// Who may come in: the keys, and what is asked of a token beyond its signature.
#pragma once

#include "messages/auth/token_key.hpp"
#include "messages/auth/wanted_keys.hpp"
#include "messages/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace klatch {

/// Does not change once it is made: a reload makes another.
struct access_rules {
  std::vector<token_key> keys;
  std::string audience; ///< that `aud` has to name; empty: any, or none
  std::string issuer;   ///< that `iss` has to be; empty: any, or none
  /// Tokens of a user that were issued before that many seconds since 1970 UTC do not count.
  std::unordered_map<user_key, std::int64_t> not_before;
  /// There are keys to come, from elsewhere: users need tokens although there is none yet.
  bool awaits_keys = false;
  /// Where keys that are not there are asked for; null: nowhere.
  std::shared_ptr<wanted_keys> wanted;

  /// Nobody is asked who they are.
  bool open() const noexcept { return keys.empty() && !awaits_keys; }

  /// Returns from when on the tokens of `user` count; nothing: all do.
  std::optional<std::int64_t> revoked_before(const user_key& user) const {
    const auto found = not_before.find(user);
    return found == not_before.end() ? std::nullopt : std::optional{found->second};
  }
};

using access_rules_ptr = std::shared_ptr<const access_rules>;

} // namespace klatch
