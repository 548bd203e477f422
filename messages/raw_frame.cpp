#include "messages/raw_frame.hpp"

#include "messages/control_characters.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace klatch {

namespace {

constexpr std::array<std::string_view, field_count> keys{"type", "id",    "projectId", "to_id",
                                                         "name", "color", "message"};

constexpr std::string_view id_rule =
    "has to be a string of 1 to 64 bytes without control characters, or an integer";
static_assert(max_id_bytes == 64, "id_rule names the limit");

/// What may stand in a colour: enough for names, #hex and functions of CSS, and nothing that ends a
/// style attribute or a declaration in it, where the original page puts the colour.
constexpr bool may_stand_in_color(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view{"#(),.%/ -"}.find(c) != std::string_view::npos;
}

/// Reads fields by their rules and keeps the first fault.
class field_reader {
public:
  field_reader(const raw_frame& source, frame_type type, const limits& allowed)
      : source_(source), type_(type), allowed_(allowed) {}

  std::string_view required_id(field which) {
    if (is_missing(which)) {
      fail(error_code::bad_frame, which, "is missing: it", id_rule);
      return {};
    }
    return present_id(which);
  }

  std::optional<std::string_view> optional_id(field which) {
    if (is_missing(which))
      return std::nullopt;
    return present_id(which);
  }

  std::string_view message() {
    if (source_[field::message].kind == value_kind::absent)
      fail(error_code::bad_frame, field::message, "is missing: it has to be a string");
    const auto text = string(field::message);
    if (text.empty())
      fail(error_code::bad_frame, field::message, "is empty");
    check_size(field::message, text, allowed_.message_bytes);
    return text;
  }

  std::optional<std::string_view> name() {
    const auto text = optional_string(field::name, allowed_.name_bytes);
    if (text && has_control_character(*text))
      fail(error_code::bad_frame, field::name, "has to be without control characters");
    return text;
  }

  std::optional<std::string_view> color() {
    const auto text = optional_string(field::color, allowed_.color_bytes);
    if (text && !std::all_of(text->begin(), text->end(), may_stand_in_color))
      fail(error_code::bad_frame, field::color,
           "has to be made of letters, digits, spaces and # ( ) , . % / -");
    return text;
  }

  const std::optional<fault>& failure() const noexcept { return failure_; }

private:
  bool is_missing(field which) const noexcept {
    const auto kind = source_[which].kind;
    return kind == value_kind::absent || kind == value_kind::null;
  }

  std::string_view present_id(field which) {
    const auto& value = source_[which];
    if (value.kind == value_kind::integer)
      return value.text;
    if (value.kind != value_kind::text || !valid_id(value.text))
      fail(error_code::bad_frame, which, id_rule);
    return value.text;
  }

  std::string_view string(field which) {
    if (source_[which].kind != value_kind::text)
      fail(error_code::bad_frame, which, "has to be a string");
    return source_[which].text;
  }

  std::optional<std::string_view> optional_string(field which, std::size_t most) {
    if (is_missing(which))
      return std::nullopt;
    const auto text = string(which);
    if (text.empty())
      return std::nullopt;
    check_size(which, text, most);
    return text;
  }

  void check_size(field which, std::string_view text, std::size_t most) {
    if (text.size() > most)
      fail(error_code::too_large, which,
           "is longer than " + std::to_string(most) + " bytes of UTF-8");
  }

  void fail(error_code code, field which, std::string_view what, std::string_view more = {}) {
    if (failure_)
      return;
    std::string text{key_of(which)};
    text.append(" ").append(what);
    if (!more.empty())
      text.append(" ").append(more);
    failure_ = fault{code, std::move(text), type_};
  }

  const raw_frame& source_;
  frame_type type_;
  const limits& allowed_;
  std::optional<fault> failure_;
};

command interpret_registration(const raw_frame& source, const limits& allowed) {
  field_reader read{source, frame_type::system, allowed};
  const auto user = read.required_id(field::id);
  const auto project = read.required_id(field::project);
  const auto name = read.name().value_or(user);
  const auto color = read.color().value_or(std::string_view{});
  if (read.failure())
    return *read.failure();
  return registration{user_key{*project_id::parse(project), *user_id::parse(user)},
                      std::string{name}, std::string{color}};
}

command interpret_user_message(const raw_frame& source, const limits& allowed) {
  field_reader read{source, frame_type::user, allowed};
  user_message result;
  result.to = read.required_id(field::to_id);
  result.message = read.message();
  result.name = read.name();
  result.color = read.color();
  result.id = read.optional_id(field::id);
  result.project = read.optional_id(field::project);
  if (read.failure())
    return *read.failure();
  return result;
}

} // namespace

std::string_view key_of(field which) noexcept { return keys[static_cast<std::size_t>(which)]; }

std::optional<field> field_named(std::string_view key) noexcept {
  const auto found = std::find(keys.begin(), keys.end(), key);
  if (found == keys.end())
    return std::nullopt;
  return static_cast<field>(found - keys.begin());
}

command interpret(const raw_frame& source, const limits& allowed) {
  if (!source.is_object)
    return fault{error_code::bad_frame, "a frame has to be a JSON object"};
  const auto& type = source[field::type];
  if (type.kind == value_kind::absent)
    return fault{error_code::bad_frame, "type is missing: it has to be a string"};
  if (type.kind != value_kind::text)
    return fault{error_code::bad_frame, "type has to be a string"};
  if (type.text == "user")
    return interpret_user_message(source, allowed);
  if (type.text == "system")
    return interpret_registration(source, allowed);
  return fault{error_code::unknown_type, R"(type has to be "system" or "user")",
               frame_type::unknown};
}

} // namespace klatch
