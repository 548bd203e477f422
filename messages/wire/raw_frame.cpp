#include "messages/wire/raw_frame.hpp"

#include <string>

namespace klatch {

namespace {

constexpr std::array<std::string_view, field_count> keys{
    "type",  "id",     "projectId", "to_id", "name",  "color", "message",
    "v",     "resume", "cid",       "seq",   "with",  "n",     "before",
    "after", "limit",  "ref",       "token", "guest", "epoch", "since"};

/// The keys of a frame; those of `resume` follow.
constexpr std::size_t own_keys = static_cast<std::size_t>(field::epoch);

std::optional<field> find_key(std::string_view key, std::size_t first, std::size_t last) {
  for (auto at = first; at < last; ++at)
    if (keys[at] == key)
      return static_cast<field>(at);
  return std::nullopt;
}

std::string_view key_in(const raw_value& value) {
  const bool counts = value.kind == value_kind::text && value.text.size() <= max_key_bytes;
  return counts ? value.text : std::string_view{};
}

} // namespace

frame_key key_of_frame(const raw_frame& source) noexcept {
  return {key_in(source[field::cid]), key_in(source[field::ref])};
}

std::string_view key_of(field which) noexcept { return keys[static_cast<std::size_t>(which)]; }

std::optional<field> field_named(std::string_view key) noexcept {
  return find_key(key, 0, own_keys);
}

std::optional<field> field_of_resume(std::string_view key) noexcept {
  return find_key(key, own_keys, field_count);
}

} // namespace klatch
