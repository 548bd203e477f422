/// Who a connection is registered as.
#pragma once

#include "actors/runtime/packed_strings.hpp"
#include "messages/ids.hpp"
#include "messages/wire/commands.hpp"

#include <string_view>

namespace klatch::actors {

/// What of a registration is kept as long as the connection lasts, in as few bytes as it takes. The
/// decoder's limits are far below those of the packing.
class identity {
public:
  /// Nobody.
  identity() = default;
  explicit identity(const registration& as)
      : texts_({as.key.project.str(), as.key.user.str(), as.name, as.color}) {}

  /// Returns if there is anybody: no id is empty.
  explicit operator bool() const noexcept { return !user().empty(); }

  std::string_view project() const noexcept { return texts_[0]; }
  std::string_view user() const noexcept { return texts_[1]; }
  std::string_view name() const noexcept { return texts_[2]; }
  std::string_view color() const noexcept { return texts_[3]; }

  bool is(const user_key& key) const noexcept {
    return key.user.str() == user() && key.project.str() == project();
  }

  /// Not of nobody.
  project_id project_as_id() const { return project_id::parse(project()).value(); }
  user_id user_as_id() const { return user_id::parse(user()).value(); }
  user_key key() const { return {project_as_id(), user_as_id()}; }

private:
  packed_strings<4> texts_;
};

/// What others see of who sends `asked`: the frames of a plain client may say so themselves.
inline std::string_view sender_name(const identity& me, dialect speaks, const user_message& asked) {
  return asked.name && speaks == dialect::plain ? *asked.name : me.name();
}
inline std::string_view sender_color(const identity& me, dialect speaks,
                                     const user_message& asked) {
  return asked.color && speaks == dialect::plain ? *asked.color : me.color();
}

} // namespace klatch::actors
