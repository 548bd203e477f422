/// Signatures of tokens: OpenSSL verifies them, libjwt makes them.
#pragma once

#include "messages/auth/token_key.hpp"

#include <string>
#include <string_view>

namespace klatch {

/// Returns true if `token` is signed by `key` with the key's algorithm (RFC 7515 section 5.2, RFC
/// 7518 section 3). What the token's header says is not looked at.
bool is_signed_by(std::string_view token, const token_key& key);

/// Returns a token of HS256 with these claims, a JSON object. Throws `std::runtime_error` if they
/// are none, or memory is short.
std::string sign_token(const token_key& key, const std::string& claims);

} // namespace klatch
