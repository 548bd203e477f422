/// Tokens as the site makes them: JWT of HS256 (RFC 7519).
#pragma once

#include "bench/load/greeting.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace load {

/// Signs with the secret of one file, as `klatch key new token` writes them.
class token_maker {
public:
  /// The file's name without its ending is the key's id. Throws `failure` if it has no secret.
  explicit token_maker(const std::string& file);

  /// A token for the user of the project `bench`, good for an hour.
  std::string token_of(std::string_view user) const;

private:
  std::string header_; ///< encoded
  std::string secret_;
};

/// As `plain_greeting`, with tokens signed with the key in that file; without one if that is empty.
/// They are made here for so many clients, since the site makes them, not the clients.
greeting plain_greeting_with_tokens(const std::string& key_file, std::size_t clients);

} // namespace load
