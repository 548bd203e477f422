#include "messages/wire/raw_frame.hpp"

#include <cstring>
#include <string>
#include <utility>

namespace klatch {

namespace {

constexpr std::array<std::string_view, field_count> keys{
    "type",  "id",     "projectId", "to_id", "name",  "color", "message",
    "v",     "resume", "cid",       "seq",   "with",  "n",     "before",
    "after", "limit",  "ref",       "token", "guest", "epoch", "since"};

/// The keys of a frame; those of `resume` follow.
constexpr std::size_t own_keys = static_cast<std::size_t>(field::epoch);

/// Sizes that are known let each comparison be an instruction or two; a loop over more than a few
/// keys calls `memcmp` for every member of every frame.
template<std::size_t at>
bool is_key(std::string_view key) noexcept {
  constexpr auto wanted = keys[at];
  return key.size() == wanted.size() && std::memcmp(key.data(), wanted.data(), wanted.size()) == 0;
}

/// Of the keys from `first` on, as many as there are `at`.
template<std::size_t first, std::size_t... at>
std::optional<field> find_key(std::string_view key, std::index_sequence<at...> /*each*/) noexcept {
  std::optional<field> found;
  (void)((is_key<first + at>(key) && (found = static_cast<field>(first + at), true)) || ...);
  return found;
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
  return find_key<0>(key, std::make_index_sequence<own_keys>{});
}

std::optional<field> field_of_resume(std::string_view key) noexcept {
  return find_key<own_keys>(key, std::make_index_sequence<field_count - own_keys>{});
}

} // namespace klatch
