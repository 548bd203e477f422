/// Ids as strong types: a user, a project and the two together.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace klatch {

/// Longest id, in bytes of UTF-8.
inline constexpr std::size_t max_id_bytes = 64;

/// Begins the ids of guests, and of nobody else where users need tokens.
inline constexpr std::string_view guest_prefix = "g-";
/// How many bytes of base64url follow it: 128 bits.
inline constexpr std::size_t guest_id_digits = 22;

/// Returns true if `text` may be an id at all: 1 to 64 bytes without control characters (C0, DEL,
/// C1). New ids are spelled as `spelling.hpp` says; stores have older ones too. Expects valid
/// UTF-8.
bool valid_id(std::string_view text) noexcept;

/// Returns true if `id` has the form of those that the service gives its guests. Nobody else can
/// register with one.
constexpr bool is_guest_id(std::string_view id) noexcept {
  constexpr std::string_view base64url =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return id.size() == guest_prefix.size() + guest_id_digits && id.starts_with(guest_prefix) &&
         id.substr(guest_prefix.size()).find_first_not_of(base64url) == std::string_view::npos;
}

/// An id of one kind: `Tag` keeps a user's from being taken for a project's.
template<class Tag>
class strong_id {
public:
  /// Returns the id that `text` names; nothing unless it is a `valid_id`.
  static std::optional<strong_id> parse(std::string_view text) {
    if (!valid_id(text))
      return std::nullopt;
    return strong_id{std::string{text}};
  }

  const std::string& str() const noexcept { return text_; }

  friend bool operator==(const strong_id&, const strong_id&) = default;
  // clang-tidy 14 takes the 0 that its result is compared with for a pointer.
  friend auto operator<=>(const strong_id&,            // NOLINT(modernize-use-nullptr)
                          const strong_id&) = default; // NOLINT(modernize-use-nullptr)

private:
  explicit strong_id(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

/// A user within a project. An integer on the wire is the same user as its decimal digits: `7` is
/// `"7"`.
using user_id = strong_id<struct user_tag>;

/// A tenant: nothing crosses from one project to another.
using project_id = strong_id<struct project_tag>;

/// A user of a project: what the directory is keyed by.
struct user_key {
  project_id project;
  user_id user;

  friend bool operator==(const user_key&, const user_key&) = default;
};

/// A hash that is the same for text and for the id made of it, so that look-ups need no copy.
struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

} // namespace klatch

template<class Tag>
struct std::hash<klatch::strong_id<Tag>> {
  std::size_t operator()(const klatch::strong_id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};

template<>
struct std::hash<klatch::user_key> {
  std::size_t operator()(const klatch::user_key& key) const noexcept {
    const auto project = std::hash<klatch::project_id>{}(key.project);
    return project * 0x9E3779B97F4A7C15U + std::hash<klatch::user_id>{}(key.user);
  }
};
