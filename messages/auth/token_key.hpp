/// The keys that tokens are signed with.
#pragma once

#include "messages/role.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace klatch {

/// How a token is signed (RFC 7518 section 3.1). The key decides it, never the token.
enum class signature_algorithm : std::uint8_t { hs256, rs256, es256 };

/// Returns the algorithm's name in a token's header.
constexpr std::string_view name_of(signature_algorithm which) noexcept {
  switch (which) {
  case signature_algorithm::hs256:
    return "HS256";
  case signature_algorithm::rs256:
    return "RS256";
  case signature_algorithm::es256:
    return "ES256";
  }
  return {};
}

/// Longest id of a key, in bytes.
inline constexpr std::size_t max_kid_bytes = 64;
/// The id of the key that the service signs its guests' tokens with. No file of a folder of keys
/// can have it as its name.
inline constexpr std::string_view guest_kid = "klatch/guest";
/// Shortest and longest secret of HS256, in bytes (RFC 7518 section 3.2).
inline constexpr std::size_t min_secret_bytes = 32;
inline constexpr std::size_t max_secret_bytes = 128;

/// One key.
struct token_key {
  std::string kid;
  signature_algorithm algorithm = signature_algorithm::hs256;
  std::string material;              ///< the secret's bytes, or a public key in PEM
  std::shared_ptr<evp_pkey_st> open; ///< of a public key: the same, read; may be shared by threads
  std::vector<std::string> projects; ///< that its tokens may name; none: all
  role role_limit = role::moderator; ///< the highest that its tokens may claim
  bool of_guests = false;            ///< the service's own, for visitors
};

} // namespace klatch
