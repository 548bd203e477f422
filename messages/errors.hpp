/// The table of errors and close codes: one row each, with what the client should do. It is the
/// only one: `tests/golden/codes.json` is made from it, and all others are tested against that
/// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace klatch {

/// Close codes: RFC 6455 section 7.4.1, and ours from 4400 on. The range of ours is the advice for
/// clients that do not know the code: 44xx, do not come back by yourself; 45xx, come back.
enum class close_code : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  unsupported_data = 1003,
  invalid_payload = 1007,
  message_too_big = 1009,
  internal_error = 1011,
  service_restart = 1012,
  try_again_later = 1013,
  not_registered = 4401, ///< and `unauthorized`, `token_expired`: the reason says which
  too_many_devices = 4409,
  slow = 4508,
  rate_limited = 4529,
};

/// What went wrong with a frame, by the name that goes over the wire.
enum class error_code : std::uint8_t {
  bad_json,
  bad_frame,
  unknown_type,
  too_large,
  forbidden,
  not_registered,
  unauthorized,
  token_expired,
  too_many_devices,
  not_connected,
  rate_limited,
  unavailable,
};

/// How many there are.
inline constexpr std::size_t error_codes = 12;

/// What a client does about an error or a close.
enum class advice : std::uint8_t {
  fix_frame,       ///< the frame itself is wrong: sending it again changes nothing
  retry_later,     ///< the same frame may succeed later
  reconnect,       ///< connect again, after a moment
  reconnect_later, ///< connect again, after a longer wait
  sign_in,         ///< connect again and register
  give_up,         ///< do not connect again by itself
};

struct error_row {
  error_code code;
  std::string_view name;                 ///< over the wire, as `error`
  std::string_view text;                 ///< for people, if nothing more exact is known
  std::optional<close_code> closes_with; ///< nothing: the connection stays open
  advice what_to_do;
  bool temporary;
};

struct close_row {
  close_code code;
  std::string_view reason; ///< goes out in the close frame, at most 123 bytes
  advice what_to_do;
};

/// Returns the row of `code`; there is one for each.
const error_row& describe(error_code code) noexcept;
const close_row& describe(close_code code) noexcept;

/// All rows: errors in the order of their codes, closes in that of their numbers.
std::span<const error_row> all_errors() noexcept;
std::span<const close_row> all_closes() noexcept;

/// Returns the advice by its name in `docs/protocol.md` and `tests/golden/codes.json`.
std::string_view name_of(advice what) noexcept;

} // namespace klatch
