/// Signatures of tokens, which libjwt makes and verifies.
#pragma once

#include "messages/auth/token_key.hpp"

#include <string>
#include <string_view>

namespace klatch {

/// Returns true if `token` is signed by `key` with the key's algorithm. `token` has three parts of
/// base64url, and its header names that algorithm.
bool is_signed_by(const std::string& token, const token_key& key);

/// Returns a token of HS256 with these claims, a JSON object. Throws `std::runtime_error` if they
/// are none, or memory is short.
std::string sign_token(const token_key& key, const std::string& claims);

} // namespace klatch
