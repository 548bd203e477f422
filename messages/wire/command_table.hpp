/// The commands of clients, one row each. A new command is a type in `commands.hpp`, a row with its
/// decoder in `command_table.cpp` and a handler in the connection; a new query is a type in
/// `queries.hpp`, a row with its decoder, and its answer in `archive_reader.cpp`.
#pragma once

#include "messages/dialect.hpp"
#include "messages/wire/commands.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace klatch {

/// What has to have happened on a connection before a frame is taken.
enum class needs : std::uint8_t { nothing, registration };

/// By which limit a frame counts besides that on all frames.
enum class rate_class : std::uint8_t {
  frame, ///< by none, from an extended client; from a plain one each counts as a send
  send   ///< by `limits::send_rate`
};

class field_reader;

struct command_row {
  std::string_view type; ///< the frame's field of that name
  dialect known_in;      ///< plain: in both
  needs requires_first;
  rate_class counts_as;
  /// Returns the command, the first fault, or the ids of which has to be known if they are stored.
  /// `speaks`: the dialect of the connection.
  command (*decode)(field_reader& read, dialect speaks);
};

/// In the order of the alternatives of `command`, with those of `query` in the place of `query`.
std::span<const command_row> command_table() noexcept;

/// Returns the row of that type, or null if the dialect does not know it.
const command_row* find_row(std::string_view type, dialect speaks) noexcept;

/// Returns what the types of a dialect are, for people: `type has to be "system" or "user"`.
std::string types_known_in(dialect speaks);

/// Returns the row of the frame that was decoded; null: of no known type.
const command_row* row_of(const command& what) noexcept;

/// Where `query` stands among the alternatives of `command`; those before it stand so in the table.
inline constexpr std::size_t query_index = 4;

/// `row_number` of all others.
std::size_t row_number_from_query(const command& what) noexcept;

/// Returns where the row of the frame that was decoded stands in the table; the number of rows: of
/// no known type.
inline std::size_t row_number(const command& what) noexcept {
  return what.index() < query_index ? what.index() : row_number_from_query(what);
}

/// Returns false if all that an unregistered connection is told about the frame is to register.
bool may_come_unregistered(const command& what) noexcept;

/// Faults count as sends do: there may be fewer of them than of frames.
rate_class rate_class_of(const command& what) noexcept;

/// Returns true for the row of registrations.
bool is_registration(const command_row& row) noexcept;

} // namespace klatch
