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
    error_row{error_code::unauthorized, "unauthorized",
              "a token is needed that this server accepts", close_code::not_registered,
              advice::sign_in, false},
    error_row{error_code::token_expired, "token_expired", "the token has expired",
              close_code::not_registered, advice::sign_in, false},
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

// If an error closes the connection, the reason is the error's name: of 4401, which several errors
// close with, the one that it has here where no error is named.
constexpr std::array close_rows{
    close_row{close_code::normal, "closed as asked", advice::give_up},
    close_row{close_code::protocol_error, "this is not WebSocket as RFC 6455 has it",
              advice::reconnect_later},
    close_row{close_code::unsupported_data, "only text messages are taken, no binary ones",
              advice::reconnect_later},
    close_row{close_code::invalid_payload, "a text message was not valid UTF-8",
              advice::reconnect_later},
    close_row{close_code::message_too_big, "a message was larger than this server takes",
              advice::reconnect_later},
    close_row{close_code::internal_error, "the server met an error of its own", advice::reconnect},
    close_row{close_code::service_restart, "the server stops or starts anew", advice::reconnect},
    close_row{close_code::try_again_later, "what is stored cannot be read at the moment",
              advice::reconnect_later},
    close_row{close_code::not_registered, "not_registered", advice::sign_in},
    close_row{close_code::too_many_devices, "too_many_devices", advice::give_up},
    close_row{close_code::slow, "slow", advice::reconnect},
    close_row{close_code::rate_limited, "rate_limited", advice::reconnect},
};

constexpr const close_row* find_row(close_code code) {
  for (const auto& row : close_rows)
    if (row.code == code)
      return &row;
  return nullptr;
}

constexpr bool errors_stand_in_order() {
  for (std::size_t i = 0; i < error_rows.size(); ++i)
    if (static_cast<std::size_t>(error_rows[i].code) != i)
      return false;
  return error_rows.back().code == error_code::unavailable;
}
static_assert(errors_stand_in_order(), "error_rows is indexed by code, and whole");

static_assert(error_rows.size() == error_codes);

constexpr bool closes_stand_in_order() {
  for (std::size_t i = 1; i < close_rows.size(); ++i)
    if (close_rows[i - 1].code >= close_rows[i].code)
      return false;
  return true;
}
static_assert(closes_stand_in_order(), "close_rows has each code once");

constexpr bool range_agrees(const close_row& row) {
  const auto number = static_cast<unsigned>(row.code);
  const bool stays_away = row.what_to_do == advice::sign_in || row.what_to_do == advice::give_up;
  const bool comes_back =
      row.what_to_do == advice::reconnect || row.what_to_do == advice::reconnect_later;
  if (number < 4000)
    return stays_away || comes_back;
  return (number / 100 == 44 && stays_away) || (number / 100 == 45 && comes_back);
}
static_assert(std::all_of(close_rows.begin(), close_rows.end(), range_agrees),
              "44xx: do not come back by yourself; 45xx: come back");

constexpr bool advice_agrees(const error_row& row) {
  const auto about_frame =
      row.what_to_do == (row.temporary ? advice::retry_later : advice::fix_frame);
  if (!row.closes_with)
    return about_frame;
  const auto* close = find_row(*row.closes_with);
  return close != nullptr && close->what_to_do == row.what_to_do && !row.temporary;
}
static_assert(std::all_of(error_rows.begin(), error_rows.end(), advice_agrees),
              "an error says to wait, to mend the frame, or what its close code says");

} // namespace

const error_row& describe(error_code code) noexcept {
  return error_rows[static_cast<std::size_t>(code)];
}

const close_row& describe(close_code code) noexcept {
  const auto* row = find_row(code);
  return row == nullptr ? *find_row(close_code::internal_error) : *row;
}

std::span<const error_row> all_errors() noexcept { return error_rows; }

std::span<const close_row> all_closes() noexcept { return close_rows; }

std::string_view name_of(advice what) noexcept {
  constexpr std::array<std::string_view, 6> names{"fix_frame",       "retry_later", "reconnect",
                                                  "reconnect_later", "sign_in",     "give_up"};
  return names[static_cast<std::size_t>(what)];
}

} // namespace klatch
