/// What the parsers make of a text, before the protocol's rules are put to it.
#pragma once

#include "messages/limits.hpp"
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
  epoch, ///< a member of `resume`, as the next one is
  since
};
inline constexpr std::size_t field_count = 19;

/// A field's key on the wire.
std::string_view key_of(field which) noexcept;

/// The field of that key, or nothing for an unknown one.
std::optional<field> field_named(std::string_view key) noexcept;

/// The same for the members of `resume`.
std::optional<field> field_of_resume(std::string_view key) noexcept;

enum class value_kind : std::uint8_t {
  absent,
  null,
  text,
  integer, ///< fits 64 bits, signed or unsigned
  other    ///< a boolean, array, object or any other number
};

struct raw_value {
  value_kind kind = value_kind::absent;
  std::string_view text; ///< unescaped, or an integer's decimal digits; empty for the other kinds
};

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

/// Fields that are spelled otherwise than the frame has them; grows with what is put there, a few
/// hundred bytes at most.
using made_texts = std::array<std::string, field_count>;

/// Puts the protocol's rules to a frame; what breaks the first of them, in the order of the fields
/// in protocol.md, is the fault. An optional field that is null counts as missing, and so does an
/// empty name or colour. The result's views point where those of `source` do, and into `made`.
///
/// In the plain dialect the types and fields of the extended one are unknown, but for those of a
/// registration that chooses it.
///
/// Ids are spelled as `spelling.hpp` says, but for those of `known`; without `known`, a frame whose
/// ids would be changed or refused by that is `unusual_ids`.
decoded_frame interpret(const raw_frame& source, dialect speaks, const limits& allowed,
                        made_texts& made, std::optional<as_written> known);

} // namespace klatch
