/// Tokens: what a site says of a user, signed (RFC 7519).
#pragma once

#include "messages/auth/access_rules.hpp"
#include "messages/role.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// Longest token, in bytes.
inline constexpr std::size_t max_token_bytes = 4096;
/// How far the site's clock may be off, in seconds.
inline constexpr std::int64_t token_leeway = 30;
/// Most keys that are tried for a token that names none.
inline constexpr std::size_t max_tried_keys = 8;

/// What a token says that is accepted. Ids and names are spelled as new ones are.
struct token_claims {
  std::string user;         ///< `sub`
  std::string user_written; ///< `sub` to the byte: stores of older versions have other spellings
  std::string project;      ///< of the claim, or the only one of the key
  std::optional<std::string> name;
  std::optional<std::string> color;
  role as = role::user;
  std::int64_t expires = 0;           ///< seconds since 1970 UTC
  std::optional<std::int64_t> issued; ///< likewise
};

/// Why a token is not accepted.
struct token_refusal {
  enum class reason : std::uint8_t {
    malformed,   ///< it is no token of this kind at all
    unknown_key, ///< no key of that id and algorithm is there
    signature,   ///< the signature is not the key's
    claim,       ///< a claim is missing or wrong
    expired,
    not_yet, ///< before `nbf`
    revoked,
    no_guests ///< it is a guest's, and guests are not let in
  };
  reason why;
  std::string text; ///< one sentence for the operator; never a part of the token that is a secret
  /// The kid of a public key that is not there, empty if the token names none; nothing: that is not
  /// why.
  std::optional<std::string> missing_key = std::nullopt;
};

/// Returns what the token says, or why it is not accepted. `now`: seconds since 1970 UTC.
///
/// What a claim says is looked at once the signature is known to be good: whether the token is one
/// at all, before.
std::variant<token_claims, token_refusal> verify(std::string_view token, const access_rules& rules,
                                                 std::int64_t now);

} // namespace klatch
