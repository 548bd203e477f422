/// To whom guests may write.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::actors {

/// What a guest is told who writes to somebody else.
inline constexpr std::string_view guests_only_answer =
    "a guest may write to the contacts of this service, and to whoever has written to them";

/// Who has written to a guest's connection, where messages are not stored: of the last 64 it is
/// known.
class introductions {
public:
  static constexpr std::size_t most = 64;

  void add(std::string_view user) {
    if (has(user))
      return;
    if (users_.size() == most)
      users_.erase(users_.begin());
    users_.emplace_back(user);
  }
  bool has(std::string_view user) const {
    return std::find(users_.begin(), users_.end(), user) != users_.end();
  }
  bool empty() const noexcept { return users_.empty(); }

private:
  std::vector<std::string> users_; ///< the latest last
};

} // namespace klatch::actors
