#include "messages/wire/raw_frame.hpp"

#include "messages/wire/field_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace klatch {

namespace {

constexpr std::array<std::string_view, field_count> keys{
    "type", "id",   "projectId", "to_id",  "name",  "color", "message", "v",     "resume", "cid",
    "seq",  "with", "n",         "before", "after", "limit", "ref",     "epoch", "since"};

/// The keys of a frame; those of `resume` follow.
constexpr std::size_t own_keys = static_cast<std::size_t>(field::epoch);

std::optional<field> find_key(std::string_view key, std::size_t first, std::size_t last) {
  for (auto at = first; at < last; ++at)
    if (keys[at] == key)
      return static_cast<field>(at);
  return std::nullopt;
}

/// What the rules for ids and all other rules depend on.
struct reading {
  const limits& allowed;
  made_texts& made;
  const std::optional<as_written>& known;
};

/// What was read, or why it was not taken, or what has to be known before.
template<class Command>
command result_of(const field_reader& read, Command&& what,
                  std::optional<field> other = std::nullopt) {
  if (read.failure())
    return *read.failure();
  if (read.has_unusual_ids())
    return read.unusual(other);
  return std::forward<Command>(what);
}

command interpret_registration(const raw_frame& source, dialect speaks, const reading& by) {
  field_reader read{source, frame_type::system, by.allowed, by.made, by.known};
  const auto user = read.required_id(field::id);
  const auto project = read.required_id(field::project);
  const auto name = read.name().value_or(user);
  const auto color = read.color().value_or(std::string_view{});
  const auto chosen = read.version();
  if (speaks == dialect::extended || chosen == dialect::extended)
    read.ref();
  auto resume = chosen == dialect::extended ? read.resume() : std::nullopt;
  if (read.failure())
    return *read.failure();
  if (read.has_unusual_ids())
    return read.unusual(std::nullopt);
  return registration{user_key{*project_id::parse(project), *user_id::parse(user)},
                      std::string{name}, std::string{color}, chosen, std::move(resume)};
}

command interpret_user_message(const raw_frame& source, dialect speaks, const reading& by) {
  field_reader read{source, frame_type::user, by.allowed, by.made, by.known};
  user_message result;
  if (speaks == dialect::extended) {
    read.ref();
    result.cid = read.cid();
  }
  result.to = read.required_id(field::to_id);
  result.message = read.message();
  result.name = read.name();
  result.color = read.color();
  result.id = read.optional_id(field::id);
  result.project = read.optional_id(field::project);
  return result_of(read, result, field::to_id);
}

command interpret_received(const raw_frame& source, const reading& by) {
  field_reader read{source, frame_type::other, by.allowed, by.made, by.known};
  read.ref();
  const received result{read.required_number(field::seq)};
  return result_of(read, result);
}

command interpret_have_read(const raw_frame& source, const reading& by) {
  field_reader read{source, frame_type::other, by.allowed, by.made, by.known};
  read.ref();
  have_read result;
  result.with = read.required_id(field::with);
  result.n = read.required_number(field::n);
  return result_of(read, result, field::with);
}

command interpret_history(const raw_frame& source, const reading& by) {
  field_reader read{source, frame_type::other, by.allowed, by.made, by.known};
  read.ref();
  history_query result;
  result.with = read.required_id(field::with);
  result.before = read.optional_number(field::before);
  result.after = read.optional_number(field::after);
  result.limit = read.limit();
  return result_of(read, result, field::with);
}

command interpret_conversations(const raw_frame& source, const reading& by) {
  field_reader read{source, frame_type::other, by.allowed, by.made, by.known};
  read.ref();
  conversations_query result;
  result.before = read.optional_mid(field::before);
  result.limit = read.limit();
  return result_of(read, result);
}

command interpret_ping(const raw_frame& source, const reading& by) {
  field_reader read{source, frame_type::other, by.allowed, by.made, by.known};
  read.ref();
  return result_of(read, ping{});
}

command interpret_extended(std::string_view type, const raw_frame& source, const reading& by) {
  if (type == "recv")
    return interpret_received(source, by);
  if (type == "read")
    return interpret_have_read(source, by);
  if (type == "history")
    return interpret_history(source, by);
  if (type == "conversations")
    return interpret_conversations(source, by);
  if (type == "ping")
    return interpret_ping(source, by);
  return fault{error_code::unknown_type,
               "type has to be user, recv, read, history, conversations, ping or system",
               frame_type::unknown};
}

command interpret_type(std::string_view type, const raw_frame& source, dialect speaks,
                       const reading& by) {
  if (type == "user")
    return interpret_user_message(source, speaks, by);
  if (type == "system")
    return interpret_registration(source, speaks, by);
  if (speaks == dialect::extended)
    return interpret_extended(type, source, by);
  return fault{error_code::unknown_type, R"(type has to be "system" or "user")",
               frame_type::unknown};
}

command interpret_object(const raw_frame& source, dialect speaks, const reading& by) {
  if (!source.is_object)
    return fault{error_code::bad_frame, "a frame has to be a JSON object"};
  const auto& type = source[field::type];
  if (type.kind == value_kind::absent)
    return fault{error_code::bad_frame, "type is missing: it has to be a string"};
  if (type.kind != value_kind::text)
    return fault{error_code::bad_frame, "type has to be a string"};
  return interpret_type(type.text, source, speaks, by);
}

/// Whether what is answered has the frame's key.
bool has_key(const command& what, dialect speaks) {
  const auto* registers = std::get_if<registration>(&what);
  return speaks == dialect::extended ||
         (registers != nullptr && registers->speaks == dialect::extended);
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

decoded_frame interpret(const raw_frame& source, dialect speaks, const limits& allowed,
                        made_texts& made, std::optional<as_written> known) {
  decoded_frame result{interpret_object(source, speaks, {allowed, made, known}), {}};
  if (has_key(result.what, speaks))
    result.key = key_of_frame(source);
  return result;
}

} // namespace klatch
