/// The folder of keys, as `--keys` names it.
#pragma once

#include "messages/auth/access_rules.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::app {

/// Most keys that a folder may hold, and most lines of its list of revoked users.
inline constexpr std::size_t max_keys = 64;
inline constexpr std::size_t max_revocations = 100'000;

/// Reads all keys of `folder`: `NAME.token`, `NAME.pem` and `NAME.jwks`; other files are left
/// alone. Throws `config_error` with the file's name, what is wrong with it and what to do: also
/// for a secret that others than its owner and group can read, two files of one name, and no key at
/// all. `prefix`: what the names of the files begin with, and those of the keys do not.
std::vector<token_key> read_keys(const std::filesystem::path& folder, std::string_view prefix = {});

/// The file in that folder in which `klatch revoke` writes.
inline constexpr std::string_view revocation_file = "revoked";

/// Reads that list into `rules`. Throws `config_error` if it cannot be read or has a line that is
/// none.
void read_revocations(const std::filesystem::path& folder, access_rules& rules);

/// Adds a line to it, and makes it if it is not there: the user's tokens from before `since`, in
/// seconds since 1970 UTC, do not count. Throws `config_error`.
void add_revocation(const std::filesystem::path& folder, const user_key& user, std::int64_t since);

} // namespace klatch::app
