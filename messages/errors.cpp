#include "messages/errors.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace klatch {

namespace {

constexpr auto stays_open = std::nullopt;

constexpr std::array error_rows{
    error_row{error_code::bad_json, "bad_json", "this is not valid JSON", stays_open,
              advice::fix_frame, false},
    error_row{error_code::bad_frame, "bad_frame", "this is not a frame that the protocol knows",
              stays_open, advice::fix_frame, false},
    error_row{error_code::unknown_type, "unknown_type", "the type of this frame is unknown",
              stays_open, advice::fix_frame, false},
    error_row{error_code::too_large, "too_large", "a field of this frame is too large", stays_open,
              advice::fix_frame, false},
    error_row{error_code::forbidden, "forbidden", "this connection may not do that", stays_open,
              advice::fix_frame, false},
    error_row{error_code::not_registered, "not_registered",
              "register first: a system frame with id and projectId", close_code::not_registered,
              advice::sign_in, false},
    error_row{error_code::too_many_devices, "too_many_devices",
              "this user is connected with as many devices as one may have",
              close_code::too_many_devices, advice::give_up, false},
    error_row{error_code::not_connected, "not_connected", "the recipient is not connected",
              stays_open, advice::retry_later, true},
    error_row{error_code::rate_limited, "rate_limited",
              "too many messages: wait a moment before the next one", stays_open,
              advice::retry_later, true},
    error_row{error_code::unavailable, "unavailable",
              "the server cannot take this now: try again later", stays_open, advice::retry_later,
              true},
};

// Where an error closes the connection, the reason is the error's name.
constexpr std::array close_rows{
    close_row{close_code::internal_error, "the server met an error of its own", advice::reconnect},
    close_row{close_code::normal, "closed as asked", advice::give_up},
    close_row{close_code::going_away, "the server is stopping", advice::reconnect},
    close_row{close_code::protocol_error, "this is not WebSocket as RFC 6455 has it",
              advice::give_up},
    close_row{close_code::unsupported_data, "only text messages are taken, no binary ones",
              advice::give_up},
    close_row{close_code::invalid_payload, "a text message was not valid UTF-8", advice::give_up},
    close_row{close_code::message_too_big, "a message was larger than this server takes",
              advice::give_up},
    close_row{close_code::not_registered, "not_registered", advice::sign_in},
    close_row{close_code::slow, "slow", advice::reconnect},
    close_row{close_code::too_many_devices, "too_many_devices", advice::give_up},
    close_row{close_code::rate_limited, "rate_limited", advice::reconnect},
};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < error_rows.size(); ++i)
    if (static_cast<std::size_t>(error_rows[i].code) != i)
      return false;
  return true;
}
static_assert(rows_stand_in_order(), "error_rows is indexed by code");

} // namespace

const error_row& describe(error_code code) noexcept {
  return error_rows[static_cast<std::size_t>(code)];
}

const close_row& describe(close_code code) noexcept {
  const auto row = std::find_if(close_rows.begin(), close_rows.end(),
                                [&](const close_row& each) { return each.code == code; });
  // The first row, an error of ours, is also what a code without a row gets.
  return row == close_rows.end() ? close_rows.front() : *row;
}

} // namespace klatch
