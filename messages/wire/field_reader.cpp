#include "messages/wire/field_reader.hpp"

#include "messages/text/code_points.hpp"
#include "messages/text/color.hpp"
#include "messages/text/spelling.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace klatch {

namespace {

constexpr std::string_view id_rule = "has to be a string of 1 to 64 bytes, or an integer";
static_assert(max_id_bytes == 64, "id_rule names the limit");

constexpr std::string_view id_is_missing = "is missing: it";

std::string in_words(field which, std::string_view what, std::string_view more) {
  std::string text{key_of(which)};
  text.append(" ").append(what);
  if (!more.empty())
    text.append(" ").append(more);
  return text;
}

constexpr std::string_view number_rule = "has to be an integer, 0 or more";
constexpr std::string_view resume_rule =
    "has to be an object with epoch, a string, and since, an integer, 0 or more";
/// Far beyond what any token has: what is between is refused as one.
constexpr std::size_t max_token_field_bytes = 8UL * 1024;
constexpr std::string_view limit_rule = "has to be an integer from 1 to 200";
static_assert(max_page == 200, "limit_rule names the limit");

/// The number that all of `text` is in decimal digits.
std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last)
    return std::nullopt;
  return number;
}

} // namespace

std::string_view field_reader::required_id(field which) {
  if (is_missing(which)) {
    fail(error_code::bad_frame, which, id_is_missing, id_rule);
    return {};
  }
  return present_id(which);
}

std::optional<fault> field_reader::missing_id() const {
  for (const auto which : {field::id, field::project})
    if (is_missing(which))
      return fault{error_code::bad_frame, in_words(which, id_is_missing, id_rule), &row_};
  return std::nullopt;
}

std::optional<std::string_view> field_reader::optional_id(field which) {
  if (is_missing(which))
    return std::nullopt;
  return present_id(which);
}

std::string_view field_reader::message() {
  if (source_[field::message].kind == value_kind::absent)
    fail(error_code::bad_frame, field::message, "is missing: it has to be a string");
  const auto text = string(field::message);
  if (text.empty())
    fail(error_code::bad_frame, field::message, "is empty");
  check_size(field::message, text, allowed_.message_bytes);
  if (!has_visible_character(text))
    fail(error_code::bad_frame, field::message, "holds nothing that can be seen");
  return text;
}

std::optional<std::string_view> field_reader::name() {
  const auto text = optional_string(field::name, allowed_.name_bytes);
  if (!text || is_ascii_name(*text) || failure_)
    return text;
  auto found = spelling_of_name(*text);
  if (const auto* wrong = std::get_if<misspelling>(&found)) {
    fail(error_code::bad_frame, field::name, wrong->why);
    return text;
  }
  auto& made = made_[static_cast<std::size_t>(field::name)];
  made = std::move(std::get<std::string>(found));
  check_size(field::name, made, allowed_.name_bytes);
  return made;
}

std::optional<std::string_view> field_reader::color() {
  const auto text = optional_string(field::color, allowed_.color_bytes);
  if (text && !is_color(*text))
    fail(error_code::bad_frame, field::color,
         "has to be made of letters, digits, spaces and # ( ) , . % / -");
  return text;
}

std::string_view field_reader::cid() { return optional_key(field::cid); }

std::string_view field_reader::ref() { return optional_key(field::ref); }

std::uint64_t field_reader::required_number(field which) {
  if (!is_missing(which))
    return present_number(which);
  fail(error_code::bad_frame, which, "is missing: it", number_rule);
  return 0;
}

std::optional<std::uint64_t> field_reader::optional_number(field which) {
  if (is_missing(which))
    return std::nullopt;
  return present_number(which);
}

std::optional<std::uint64_t> field_reader::optional_mid(field which) {
  const auto& value = source_[which];
  if (value.kind != value_kind::text)
    return optional_number(which);
  const auto number = number_in(value.text);
  if (!number)
    fail(error_code::bad_frame, which, "has to be a mid");
  return number;
}

unsigned field_reader::limit() {
  const auto number = optional_number(field::limit).value_or(usual_page);
  if (number >= 1 && number <= max_page)
    return static_cast<unsigned>(number);
  fail(error_code::bad_frame, field::limit, limit_rule);
  return 1;
}

dialect field_reader::version() {
  const auto number = optional_number(field::version).value_or(1);
  if (number != 1 && number != 2)
    fail(error_code::bad_frame, field::version, "has to be 1 or 2");
  return number == 2 ? dialect::extended : dialect::plain;
}

std::optional<resume_point> field_reader::resume() {
  if (is_missing(field::resume))
    return std::nullopt;
  const auto& epoch = source_[field::epoch];
  const auto& since = source_[field::since];
  const auto number =
      since.kind == value_kind::integer ? number_in(since.text) : std::optional<std::uint64_t>{};
  if (epoch.kind == value_kind::text && number)
    return resume_point{std::string{epoch.text}, *number};
  fail(error_code::bad_frame, field::resume, resume_rule);
  return std::nullopt;
}

std::string_view field_reader::token() {
  return optional_string(field::token, max_token_field_bytes).value_or(std::string_view{});
}

std::string_view field_reader::required_token() {
  const auto text = token();
  if (text.empty())
    fail(error_code::bad_frame, field::token, "is missing: it has to be a string");
  return text;
}

bool field_reader::flag(field which) {
  if (is_missing(which))
    return false;
  const auto& value = source_[which];
  if (value.kind != value_kind::boolean)
    fail(error_code::bad_frame, which, "has to be true or false");
  return value.kind == value_kind::boolean && value.text == boolean_text(true);
}

bool field_reader::is_missing(field which) const noexcept {
  const auto kind = source_[which].kind;
  return kind == value_kind::absent || kind == value_kind::null;
}

std::string_view field_reader::present_id(field which) {
  if (which == field::to_id || which == field::with)
    other_ = which;
  const auto& value = source_[which];
  if (value.kind == value_kind::integer)
    return value.text;
  const bool has_right_size = !value.text.empty() && value.text.size() <= max_id_bytes;
  if (value.kind != value_kind::text || !has_right_size)
    fail(error_code::bad_frame, which, id_rule);
  else if (!is_ascii_id(value.text))
    return spelled_id(which, value.text);
  return value.text;
}

std::string_view field_reader::spelled_id(field which, std::string_view written) {
  // No store has one that has never been valid.
  const bool may_be_stored = valid_id(written);
  if (may_be_stored && taken_as_written(which))
    return written;
  auto found = spelling_of_id(written);
  const auto* spelled = std::get_if<std::string>(&found);
  if (spelled != nullptr && *spelled == written)
    return written;
  if (may_be_stored && !known_) {
    has_unusual_ids_ = true;
    return written;
  }
  if (spelled == nullptr || spelled->size() > max_id_bytes) {
    fail(error_code::bad_frame, which,
         spelled == nullptr ? std::get<misspelling>(found).why : std::string{id_rule});
    return written;
  }
  auto& made = made_[static_cast<std::size_t>(which)];
  made = *spelled;
  return made;
}

bool field_reader::taken_as_written(field which) const noexcept {
  if (!known_)
    return false;
  if (which == field::project)
    return known_->project;
  return which == field::id ? known_->user : known_->other;
}

written_id field_reader::written(field which) const {
  const auto& value = source_[which];
  if (value.kind != value_kind::text && value.kind != value_kind::integer)
    return {};
  auto found = spelling_of_id(value.text);
  auto* spelled = std::get_if<std::string>(&found);
  if (spelled == nullptr || spelled->size() > max_id_bytes)
    return {value.text, {}};
  return {value.text, std::move(*spelled)};
}

std::optional<command> field_reader::refusal() const {
  if (failure_)
    return *failure_;
  if (!has_unusual_ids_)
    return std::nullopt;
  return unusual_ids{&row_, written(field::project), written(field::id),
                     other_ ? written(*other_) : written_id{}};
}

std::uint64_t field_reader::present_number(field which) {
  const auto& value = source_[which];
  const auto number =
      value.kind == value_kind::integer ? number_in(value.text) : std::optional<std::uint64_t>{};
  if (!number)
    fail(error_code::bad_frame, which, number_rule);
  return number.value_or(0);
}

std::string_view field_reader::string(field which) {
  if (source_[which].kind != value_kind::text)
    fail(error_code::bad_frame, which, "has to be a string");
  return source_[which].text;
}

std::string_view field_reader::optional_key(field which) {
  return optional_string(which, max_key_bytes).value_or(std::string_view{});
}

std::optional<std::string_view> field_reader::optional_string(field which, std::size_t max_bytes) {
  if (is_missing(which))
    return std::nullopt;
  const auto text = string(which);
  if (text.empty())
    return std::nullopt;
  check_size(which, text, max_bytes);
  return text;
}

void field_reader::check_size(field which, std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    fail(error_code::too_large, which,
         "is longer than " + std::to_string(max_bytes) + " bytes of UTF-8");
}

void field_reader::fail(error_code code, field which, std::string_view what,
                        std::string_view more) {
  if (failure_)
    return;
  failure_ = fault{code, in_words(which, what, more), &row_};
}

} // namespace klatch
