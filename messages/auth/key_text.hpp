/// Keys as files hold them.
#pragma once

#include "messages/auth/token_key.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace klatch {

/// `what()` is one sentence that follows the key's name: what is wrong, and what to do.
class bad_key : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Reads the text of a secret: base64 of 32 to 128 random bytes in one line. Lines that begin with
/// `#` may say `# project = NAME` (repeatable) and `# role-limit = ROLE` (at most moderator).
/// Throws `bad_key`.
token_key parse_secret(std::string kid, std::string_view text);

/// Reads a public key in PEM: RSA of at least 2048 bits for RS256, P-256 for ES256; lines before it
/// as above. Throws `bad_key`, also for a private key.
token_key parse_public_key(std::string kid, std::string_view text);

/// Reads a JWK set (RFC 7517 section 5): its keys of RSA and P-256 that are for signatures. What it
/// has of other kinds is passed over. Throws `bad_key` if it is none, has a private or symmetric
/// key, or two of one `kid`.
std::vector<token_key> parse_key_set(std::string_view text);

/// Most keys of a set.
inline constexpr std::size_t max_set_keys = 64;

/// Returns a new secret in the form of its file, with a line for each project.
std::string make_secret_text(const std::vector<std::string>& projects);

} // namespace klatch
