#include "messages/wire/command_table.hpp"

#include "messages/service_counters.hpp"
#include "messages/wire/field_reader.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace klatch {

namespace {

// -- decoders: from a frame's fields to its command, by the rules of its type ---------------------

template<class Command>
command result_of(const field_reader& read, Command&& what) {
  if (auto refused = read.refusal())
    return *std::move(refused);
  return std::forward<Command>(what);
}

template<class Id>
std::optional<Id> id_of(std::optional<std::string_view> text) {
  return text ? Id::parse(*text) : std::nullopt;
}

command decode_registration(field_reader& read, dialect speaks) {
  registration result;
  result.user = id_of<user_id>(read.optional_id(field::id));
  result.project = id_of<project_id>(read.optional_id(field::project));
  result.name = read.name().value_or(std::string_view{});
  result.color = read.color().value_or(std::string_view{});
  result.speaks = read.version();
  if (speaks == dialect::plain && result.speaks == dialect::extended)
    read.ref();
  if (result.speaks == dialect::extended) {
    result.resume = read.resume();
    result.guest = read.flag(field::guest);
  }
  result.token = read.token();
  result.missing = read.missing_id();
  return result_of(read, std::move(result));
}

command decode_user_message(field_reader& read, dialect speaks) {
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

command decode_received(field_reader& read, dialect /*speaks*/) {
  return result_of(read, received{read.required_number(field::seq)});
}

command decode_have_read(field_reader& read, dialect /*speaks*/) {
  have_read result;
  result.with = read.required_id(field::with);
  result.n = read.required_number(field::n);
  return result_of(read, result);
}

command decode_history_query(field_reader& read, dialect /*speaks*/) {
  const auto with = read.required_id(field::with);
  const auto before = read.optional_number(field::before);
  const auto after = read.optional_number(field::after);
  const auto limit = read.limit();
  if (auto refused = read.refusal())
    return *std::move(refused);
  return query{history_query{*user_id::parse(with), before, after, limit}};
}

command decode_conversations_query(field_reader& read, dialect /*speaks*/) {
  conversations_query result;
  result.before = read.optional_mid(field::before);
  result.limit = read.limit();
  return result_of(read, query{result});
}

command decode_ping(field_reader& read, dialect /*speaks*/) { return result_of(read, ping{}); }

command decode_refresh(field_reader& read, dialect /*speaks*/) {
  return result_of(read, refresh{read.required_token()});
}

// -- the table ------------------------------------------------------------------------------------

constexpr std::array rows{
    command_row{"system", dialect::plain, needs::nothing, rate_class::frame, decode_registration},
    command_row{"user", dialect::plain, needs::registration, rate_class::send, decode_user_message},
    command_row{"recv", dialect::extended, needs::registration, rate_class::frame, decode_received},
    command_row{"read", dialect::extended, needs::registration, rate_class::frame,
                decode_have_read},
    command_row{"history", dialect::extended, needs::registration, rate_class::frame,
                decode_history_query},
    command_row{"conversations", dialect::extended, needs::registration, rate_class::frame,
                decode_conversations_query},
    command_row{"ping", dialect::extended, needs::registration, rate_class::frame, decode_ping},
    command_row{"refresh", dialect::extended, needs::registration, rate_class::send,
                decode_refresh},
};

/// A fault and unusual ids have no row of their own, and the queries have one each.
constexpr std::size_t query_count = std::variant_size_v<query>;
static_assert(std::variant_size_v<command> - 3 + query_count == rows.size());

static_assert(rows.size() <= max_command_types);

static_assert(std::is_same_v<std::variant_alternative_t<query_index, command>, query>);

std::size_t row_index(const command& what) noexcept {
  if (what.index() < query_index)
    return what.index();
  if (const auto* asked = std::get_if<query>(&what))
    return query_index + asked->index();
  return what.index() + query_count - 1;
}

bool knows(dialect speaks, const command_row& row) {
  return speaks == dialect::extended || row.known_in == dialect::plain;
}

} // namespace

std::span<const command_row> command_table() noexcept { return rows; }

const command_row* find_row(std::string_view type, dialect speaks) noexcept {
  const auto* row = std::find_if(rows.begin(), rows.end(),
                                 [&](const command_row& each) { return each.type == type; });
  return row != rows.end() && knows(speaks, *row) ? row : nullptr;
}

std::string types_known_in(dialect speaks) {
  std::string text;
  std::string_view last;
  for (const auto& row : rows) {
    if (!knows(speaks, row))
      continue;
    if (!last.empty())
      text.append(text.empty() ? "\"" : ", \"").append(last) += '"';
    last = row.type;
  }
  return "type has to be " + text + " or \"" + std::string{last} + '"';
}

const command_row* row_of(const command& what) noexcept {
  if (const auto* wrong = std::get_if<fault>(&what))
    return wrong->row;
  if (const auto* unusual = std::get_if<unusual_ids>(&what))
    return unusual->row;
  return &rows[row_index(what)];
}

std::size_t row_number_from_query(const command& what) noexcept {
  const auto* row = row_of(what);
  return row == nullptr ? rows.size() : static_cast<std::size_t>(row - rows.data());
}

bool may_come_unregistered(const command& what) noexcept {
  if (const auto* row = row_of(what))
    return row->requires_first == needs::nothing;
  // A frame without a type may have been meant for a registration.
  return std::get<fault>(what).code != error_code::unknown_type;
}

rate_class rate_class_of(const command& what) noexcept {
  return std::holds_alternative<fault>(what) ? rate_class::send : row_of(what)->counts_as;
}

bool is_registration(const command_row& row) noexcept { return &row == rows.data(); }

} // namespace klatch
