#include "messages/wire/command_table.hpp"

#include <algorithm>

namespace klatch {

namespace {

bool knows(dialect speaks, const command_row& row) {
  return speaks == dialect::extended || row.known_in == dialect::plain;
}

} // namespace

const command_row* find_row(std::string_view type, dialect speaks) noexcept {
  const auto* row = std::find_if(command_table.begin(), command_table.end(),
                                 [&](const command_row& each) { return each.type == type; });
  return row != command_table.end() && knows(speaks, *row) ? row : nullptr;
}

std::string types_known_in(dialect speaks) {
  std::string text;
  const command_row* last = nullptr;
  for (const auto& row : command_table) {
    if (!knows(speaks, row))
      continue;
    if (last != nullptr)
      text.append(text.empty() ? "\"" : ", \"").append(last->type) += '"';
    last = &row;
  }
  return "type has to be " + text + " or \"" + std::string{last->type} + '"';
}

const command_row* row_of(const command& what) noexcept {
  if (const auto* wrong = std::get_if<fault>(&what))
    return wrong->row;
  if (const auto* unusual = std::get_if<unusual_ids>(&what))
    return unusual->row;
  return &command_table[what.index()];
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

bool is_registration(const command_row& row) noexcept { return &row == command_table.data(); }

} // namespace klatch
