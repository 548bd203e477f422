#include "messages/raw_frame.hpp"

#include "messages/field_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace klatch {

namespace {

constexpr std::array<std::string_view, field_count> keys{
    "type", "id",  "projectId", "to_id", "name",   "color", "message", "v",     "resume",
    "cid",  "seq", "with",      "n",     "before", "after", "limit",   "epoch", "since"};

/// The keys of a frame; those of `resume` follow.
constexpr std::size_t own_keys = static_cast<std::size_t>(field::epoch);

std::optional<field> find_key(std::string_view key, std::size_t first, std::size_t last) {
  for (auto at = first; at < last; ++at)
    if (keys[at] == key)
      return static_cast<field>(at);
  return std::nullopt;
}

/// What was read, or why it was not taken.
template<class Command>
command result_of(const field_reader& read, Command&& what) {
  if (read.failure())
    return *read.failure();
  return std::forward<Command>(what);
}

command interpret_registration(const raw_frame& source, const limits& allowed) {
  field_reader read{source, frame_type::system, allowed};
  const auto user = read.required_id(field::id);
  const auto project = read.required_id(field::project);
  const auto name = read.name().value_or(user);
  const auto color = read.color().value_or(std::string_view{});
  const auto speaks = read.version();
  auto resume = speaks == dialect::extended ? read.resume() : std::nullopt;
  if (read.failure())
    return *read.failure();
  return registration{user_key{*project_id::parse(project), *user_id::parse(user)},
                      std::string{name}, std::string{color}, speaks, std::move(resume)};
}

command interpret_user_message(const raw_frame& source, dialect speaks, const limits& allowed) {
  field_reader read{source, frame_type::user, allowed};
  user_message result;
  if (speaks == dialect::extended)
    result.cid = read.cid();
  result.to = read.required_id(field::to_id);
  result.message = read.message();
  result.name = read.name();
  result.color = read.color();
  result.id = read.optional_id(field::id);
  result.project = read.optional_id(field::project);
  return result_of(read, result);
}

command interpret_received(const raw_frame& source, const limits& allowed) {
  field_reader read{source, frame_type::other, allowed};
  const received result{read.required_number(field::seq)};
  return result_of(read, result);
}

command interpret_have_read(const raw_frame& source, const limits& allowed) {
  field_reader read{source, frame_type::other, allowed};
  have_read result;
  result.with = read.required_id(field::with);
  result.n = read.required_number(field::n);
  return result_of(read, result);
}

command interpret_history(const raw_frame& source, const limits& allowed) {
  field_reader read{source, frame_type::other, allowed};
  history_query result;
  result.with = read.required_id(field::with);
  result.before = read.optional_number(field::before);
  result.after = read.optional_number(field::after);
  result.limit = read.limit();
  return result_of(read, result);
}

command interpret_conversations(const raw_frame& source, const limits& allowed) {
  field_reader read{source, frame_type::other, allowed};
  conversations_query result;
  result.before = read.optional_mid(field::before);
  result.limit = read.limit();
  return result_of(read, result);
}

command interpret_extended(std::string_view type, const raw_frame& source, const limits& allowed) {
  if (type == "recv")
    return interpret_received(source, allowed);
  if (type == "read")
    return interpret_have_read(source, allowed);
  if (type == "history")
    return interpret_history(source, allowed);
  if (type == "conversations")
    return interpret_conversations(source, allowed);
  if (type == "ping")
    return ping{};
  return fault{error_code::unknown_type,
               "type has to be user, recv, read, history, conversations, ping or system",
               frame_type::unknown};
}

command interpret_type(std::string_view type, const raw_frame& source, dialect speaks,
                       const limits& allowed) {
  if (type == "user")
    return interpret_user_message(source, speaks, allowed);
  if (type == "system")
    return interpret_registration(source, allowed);
  if (speaks == dialect::extended)
    return interpret_extended(type, source, allowed);
  return fault{error_code::unknown_type, R"(type has to be "system" or "user")",
               frame_type::unknown};
}

/// So that a client knows which of its frames an error is about.
void name_the_frame(fault& found, const raw_frame& source) {
  const auto& cid = source[field::cid];
  if (cid.kind == value_kind::text && cid.text.size() <= max_cid_bytes)
    found.cid = cid.text;
}

} // namespace

std::string_view key_of(field which) noexcept { return keys[static_cast<std::size_t>(which)]; }

std::optional<field> field_named(std::string_view key) noexcept {
  return find_key(key, 0, own_keys);
}

std::optional<field> field_of_resume(std::string_view key) noexcept {
  return find_key(key, own_keys, field_count);
}

command interpret(const raw_frame& source, dialect speaks, const limits& allowed) {
  if (!source.is_object)
    return fault{error_code::bad_frame, "a frame has to be a JSON object"};
  const auto& type = source[field::type];
  if (type.kind == value_kind::absent)
    return fault{error_code::bad_frame, "type is missing: it has to be a string"};
  if (type.kind != value_kind::text)
    return fault{error_code::bad_frame, "type has to be a string"};
  auto result = interpret_type(type.text, source, speaks, allowed);
  if (auto* found = std::get_if<fault>(&result); found != nullptr && speaks == dialect::extended)
    name_the_frame(*found, source);
  return result;
}

} // namespace klatch
