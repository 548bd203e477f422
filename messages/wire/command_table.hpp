/// The commands of clients, one row each. A new command is a row here, a type in `commands.hpp`, a
/// decoder in `command_decoders.cpp` and a handler in the connection.
#pragma once

#include "messages/dialect.hpp"
#include "messages/wire/command_decoders.hpp"
#include "messages/wire/commands.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// What has to have happened on a connection before a frame is taken.
enum class needs : std::uint8_t { nothing, registration };

/// By which limit a frame counts besides that on all frames.
enum class rate_class : std::uint8_t {
  frame, ///< by none, from an extended client; from a plain one each counts as a send
  send   ///< by `limits::send_rate`
};

struct command_row {
  std::string_view type; ///< the frame's field of that name
  dialect known_in;      ///< plain: in both
  needs requires_first;
  rate_class counts_as;
  command (*decode)(field_reader& read, dialect speaks);
};

/// In the order of the alternatives of `command`.
inline constexpr std::array command_table{
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
};
static_assert(std::variant_size_v<command> == command_table.size() + 2,
              "a row for each command; a fault and unusual ids have none of their own");

/// Returns the row of that type, or null if the dialect does not know it.
const command_row* find_row(std::string_view type, dialect speaks) noexcept;

/// Returns what the types of a dialect are, for people: `type has to be "system" or "user"`.
std::string types_known_in(dialect speaks);

/// Returns the row of the frame that was decoded; null: of no known type.
const command_row* row_of(const command& what) noexcept;

/// Returns false if all that an unregistered connection is told about the frame is to register.
bool may_come_unregistered(const command& what) noexcept;

/// Faults count as sends do: there may be fewer of them than of frames.
rate_class rate_class_of(const command& what) noexcept;

/// Returns true for the row of registrations.
bool is_registration(const command_row& row) noexcept;

} // namespace klatch
