/// What the parsers make of a text, before it is validated against the protocol.
#pragma once

#include "messages/wire/commands.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klatch {

/// The members of a frame that mean something; all others are ignored.
enum class field : std::uint8_t {
  type,
  id,
  project,
  to_id,
  name,
  color,
  message,
  version,
  resume,
  cid,
  seq,
  with,
  n,
  before,
  after,
  limit,
  ref,
  token,
  guest,
  epoch, ///< a member of `resume`, as the next one is
  since
};
inline constexpr std::size_t field_count = 21;

/// Returns a field's key on the wire.
std::string_view key_of(field which) noexcept;

/// Returns the field of that key; nothing if it is unknown.
std::optional<field> field_named(std::string_view key) noexcept;

/// The same for the members of `resume`.
std::optional<field> field_of_resume(std::string_view key) noexcept;

enum class value_kind : std::uint8_t {
  absent,
  null,
  text,
  integer, ///< fits 64 bits, signed or unsigned
  boolean,
  other ///< an array, object or any other number
};

struct raw_value {
  value_kind kind = value_kind::absent;
  /// Unescaped, or an integer's decimal digits, or `true` or `false`; empty for the other kinds.
  std::string_view text;
};

/// Returns a boolean as JSON spells it.
constexpr std::string_view boolean_text(bool value) noexcept { return value ? "true" : "false"; }

/// A valid JSON text. Of several members with the same key it holds the last, as JavaScript does.
struct raw_frame {
  bool is_object = false; ///< else there are no fields
  std::array<raw_value, field_count> fields;

  raw_value& operator[](field which) noexcept { return fields[static_cast<std::size_t>(which)]; }
  const raw_value& operator[](field which) const noexcept {
    return fields[static_cast<std::size_t>(which)];
  }
};

/// Returns what names the frame to its client: the `cid` and the `ref` that may count.
frame_key key_of_frame(const raw_frame& source) noexcept;

/// Texts of fields that the server spells otherwise than the frame: a few hundred bytes at most.
using made_texts = std::array<std::string, field_count>;

} // namespace klatch
