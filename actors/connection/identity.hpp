/// Who a connection is registered as.
#pragma once

#include "actors/runtime/packed_strings.hpp"
#include "messages/ids.hpp"
#include "messages/role.hpp"
#include "messages/wire/commands.hpp"

#include <string>
#include <string_view>

namespace klatch::actors {

/// Somebody, by a token or by their own word.
struct person {
  user_key key;
  std::string name;
  std::string color;
  role as = role::user;
  bool name_is_signed = false; ///< a token says it, and frames say nothing else
  bool color_is_signed = false;
};

/// What of a registration is kept as long as the connection lasts, in as few bytes as it takes. The
/// decoder's limits are far below those of the packing.
class identity {
public:
  /// Nobody.
  identity() = default;
  explicit identity(const person& as)
      : texts_({as.key.project.str(), as.key.user.str(), as.name, as.color}, marks_of(as)) {}

  /// Returns if there is anybody: no id is empty.
  explicit operator bool() const noexcept { return !user().empty(); }

  std::string_view project() const noexcept { return texts_[0]; }
  std::string_view user() const noexcept { return texts_[1]; }
  std::string_view name() const noexcept { return texts_[2]; }
  std::string_view color() const noexcept { return texts_[3]; }

  role as() const noexcept {
    return *this ? static_cast<role>(texts_.number() & role_mask) : role::user;
  }
  bool name_is_signed() const noexcept { return has_mark(signed_name); }
  bool color_is_signed() const noexcept { return has_mark(signed_color); }

  bool is(const user_key& key) const noexcept {
    return key.user.str() == user() && key.project.str() == project();
  }

  /// Not of nobody.
  project_id project_as_id() const { return project_id::parse(project()).value(); }
  user_id user_as_id() const { return user_id::parse(user()).value(); }
  user_key key() const { return {project_as_id(), user_as_id()}; }

private:
  static constexpr unsigned role_mask = 3;
  static constexpr unsigned signed_name = 4;
  static constexpr unsigned signed_color = 8;

  static unsigned marks_of(const person& as) noexcept {
    return static_cast<unsigned>(as.as) | (as.name_is_signed ? signed_name : 0) |
           (as.color_is_signed ? signed_color : 0);
  }
  bool has_mark(unsigned which) const noexcept { return (texts_.number() & which) != 0; }

  packed_strings<4> texts_;
};

/// What others see of who sends `asked`: the frames of a plain client may say so themselves, unless
/// a token has said it.
inline std::string_view sender_name(const identity& me, dialect speaks, const user_message& asked) {
  return asked.name && speaks == dialect::plain && !me.name_is_signed() ? *asked.name : me.name();
}
inline std::string_view sender_color(const identity& me, dialect speaks,
                                     const user_message& asked) {
  return asked.color && speaks == dialect::plain && !me.color_is_signed() ? *asked.color
                                                                          : me.color();
}

} // namespace klatch::actors
