/// What a user may do, beyond what everybody may.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace klatch {

/// The least first: who is more may all that who is less may.
enum class role : std::uint8_t { guest, user, moderator, admin };

inline constexpr std::array<std::string_view, 4> role_names{"guest", "user", "moderator", "admin"};

/// Returns the role by its name over the wire and in keys.
constexpr std::string_view name_of(role which) noexcept {
  return role_names[static_cast<std::size_t>(which)];
}

/// Returns the role of that name; nothing if there is none.
constexpr std::optional<role> role_named(std::string_view name) noexcept {
  for (std::size_t index = 0; index < role_names.size(); ++index)
    if (role_names[index] == name)
      return static_cast<role>(index);
  return std::nullopt;
}

} // namespace klatch
