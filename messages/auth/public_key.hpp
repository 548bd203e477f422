/// Keys and random bytes by OpenSSL.
#pragma once

#include "messages/auth/token_key.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klatch {

/// Returns the key that `pem` is, without its id. Throws `bad_key` if it is no public key, or none
/// that tokens are signed for here.
token_key public_key_of(std::string pem);

/// As `parse_key_set`, which looks at the ids besides.
std::vector<token_key> public_keys_of_set(std::string_view json);

/// Returns so many random bytes, fit for secrets. Throws `std::runtime_error` if there are none.
std::string random_bytes(std::size_t count);

} // namespace klatch
