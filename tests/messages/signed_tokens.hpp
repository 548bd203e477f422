/// Tokens and keys that tests make, without libjwt: good ones and bad ones.
#pragma once

#include "messages/auth/access_rules.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace klatch::test {

/// Seconds since 1970 UTC at which the tests' tokens are looked at.
inline constexpr std::int64_t token_time = 1763800000;

/// A secret of HS256 that is made of one letter but for its end.
token_key secret_key(const std::string& kid = "site", char letter = 's');
/// One such key.
access_rules site_rules();
/// The same, and guests for an hour who may write to `contact` first.
access_rules rules_with_guests(const std::string& contact = "anna");

std::string header_of(std::string_view algorithm);

/// A token with HMAC-SHA-256 of the key's material, whatever header and claims say.
std::string signed_by(const token_key& key, std::string_view claims,
                      std::string_view header = R"({"alg":"HS256","typ":"JWT"})");

/// The claims of `other` between the header and the signature of `token`.
std::string with_claims_of(const std::string& token, const std::string& other);

struct key_pair {
  std::string private_pem;
  std::string public_pem;
  bool is_rsa;
};
key_pair make_rsa_key(unsigned bits = 2048);
key_pair make_ec_key();

/// A token of RS256 or ES256; `kid`: of the key, as its header has it.
std::string signed_with(const key_pair& key, std::string_view claims, std::string_view kid = {});
std::string jwk_of(const key_pair& key, std::string_view kid);

} // namespace klatch::test
