/// The key that the service signs its guests' tokens with, and the file that has it.
#pragma once

#include "messages/auth/token_key.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::app {

/// In the folder of the store, unless that is one of PostgreSQL's, which has it itself. Who deletes
/// it makes strangers of all guests.
inline constexpr std::string_view guest_key_file = "guest.key";

/// Returns the text of the key in `folder`; nothing: there is none. Throws `config_error` if it
/// cannot be read, is none, or others than its owner and group can read it.
std::optional<std::string> read_guest_secret(const std::filesystem::path& folder);

/// Makes that file, with a new key, for its owner alone: it is there as a whole, also after a
/// crash, or not at all. Throws `config_error`.
void make_guest_key(const std::filesystem::path& folder);

/// Returns the key that is written so. Throws `bad_key`.
token_key guest_key_of(std::string_view text);

} // namespace klatch::app
