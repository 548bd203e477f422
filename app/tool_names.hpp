/// The first words of command lines that the service has no part in.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace klatch::app {

inline constexpr std::string_view revoke_word = "revoke";

/// Those of tools, which read the rest of the line themselves.
inline constexpr std::array<std::string_view, 4> tool_names{"key", "token", "check-token",
                                                            revoke_word};

inline bool is_tool(std::string_view word) {
  return std::find(tool_names.begin(), tool_names.end(), word) != tool_names.end();
}

} // namespace klatch::app
