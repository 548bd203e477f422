/// The key that the service signs its guests' tokens with.
#pragma once

#include "app/config.hpp"
#include "messages/auth/access_rules.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace klatch::app {

/// In the folder of the store. Who deletes it makes strangers of all guests.
inline constexpr std::string_view guest_key_file = "guest.key";

/// Reads the key in `folder`; nothing: there is none. Throws `config_error` if it cannot be read,
/// is none, or others than its owner and group can read it.
std::optional<token_key> read_guest_key(const std::filesystem::path& folder);

/// Adds guests to the rules, as the settings have them.
class guest_access {
public:
  /// With a store the key is in its folder, which is there and locked from the first `add` on;
  /// without one it is kept here, and lost at the end.
  explicit guest_access(const config& options);

  /// Returns `rules` with guests, if `options` let them in: the key is read, and made if there is
  /// none. Throws `config_error`.
  access_rules_ptr add(const access_rules_ptr& rules, const config& options);

private:
  token_key key();

  std::optional<std::filesystem::path> folder_;
  std::optional<token_key> kept_; ///< without a store, once it was needed
};

} // namespace klatch::app
