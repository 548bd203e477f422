/// Guests among those who may come in.
#pragma once

#include "app/config.hpp"
#include "app/shared_access.hpp"
#include "messages/auth/access_rules.hpp"

#include <filesystem>
#include <optional>

namespace klatch::app {

/// Adds guests to the rules, as the settings have them.
class guest_access {
public:
  /// `shared`, which outlives this, has the key where nodes share a store; null: with a store the
  /// key is in its folder, which is there and locked from the first `add` on; without one it is
  /// kept here, and lost at the end.
  explicit guest_access(const config& options, shared_access* shared = nullptr);

  /// Returns `rules` with guests, if `options` let them in: the key is read, and made if there is
  /// none. Throws `config_error`.
  access_rules_ptr add(const access_rules_ptr& rules, const config& options);

private:
  token_key key();

  shared_access* shared_;
  std::optional<std::filesystem::path> folder_;
  std::optional<token_key> kept_; ///< without a store, once it was needed
};

} // namespace klatch::app
