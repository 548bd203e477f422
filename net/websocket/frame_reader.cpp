#include "net/websocket/frame_reader.hpp"

#include "messages/text/utf8.hpp"
#include "net/websocket/client_header.hpp"

#include <algorithm>
#include <cassert>

namespace klatch::net {

namespace {

constexpr std::size_t max_limit = std::size_t{1} << 30U;

/// The longest frame that is kept as it came: a control frame with its header.
constexpr std::size_t max_frame_start =
    client_header::min_bytes + masking_key::size + max_control_payload;

std::string_view text_of(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

/// Cuts off the first `bytes` of `input`.
std::span<char> cut_front(std::span<char>& input, std::size_t bytes) {
  assert(bytes <= input.size());
  const auto front = input.first(bytes);
  input = input.subspan(bytes);
  return front;
}

/// Returns true if an endpoint may send `code` (RFC 6455 section 7.4 and IANA's registry; 1014 is
/// for gateways).
constexpr bool may_be_sent(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1013) ||
         (code >= 3000 && code <= 4999);
}

} // namespace

frame_reader::frame_reader(std::size_t max_message_bytes) noexcept
    : max_message_bytes_(static_cast<std::uint32_t>(std::min(max_message_bytes, max_limit))) {}

read_result frame_reader::next(std::span<char>& input) {
  if (ended_)
    partial_.release();
  else
    partial_.release_if_done();
  read_result result;
  while (!ended_ && result.what == frame_event::nothing && !input.empty())
    result = partial_.awaits_payload() ? read_payload(input) : read_frame(input);
  if (ended_)
    input = {};
  assert(input.empty() || result.what != frame_event::nothing);
  return result;
}

read_result frame_reader::read_frame(std::span<char>& input) {
  const auto start = frame_front(input, client_header::min_bytes);
  if (start.empty())
    return {};
  const auto header_bytes = client_header::size_of(start);
  const auto front = frame_front(input, header_bytes);
  if (front.empty())
    return {};
  const client_header header{front};
  if (const auto rule = header.broken_rule(); !rule.empty())
    return violation(close_code::protocol_error, rule);
  if (!header.is_control()) {
    consume_front(input, header_bytes);
    return begin_data(header, input);
  }
  const auto frame = frame_front(input, header_bytes + header.payload_bytes());
  if (frame.empty())
    return {};
  consume_front(input, frame.size());
  return read_control(header, frame.subspan(header_bytes));
}

// -- messages -------------------------------------------------------------------------------------

read_result frame_reader::begin_data(const client_header& header, std::span<char>& input) {
  const bool continues = header.kind() == opcode::continuation;
  if (continues && !partial_.in_message())
    return violation(close_code::protocol_error, "a fragment continues no message");
  if (!continues && partial_.in_message())
    return violation(close_code::protocol_error, "a message begins within another");
  if (header.payload_bytes() > max_message_bytes_ - partial_.message_bytes())
    return violation(close_code::message_too_big, "a message is over the limit");
  auto key = header.key();
  const auto bytes = static_cast<std::uint32_t>(header.payload_bytes());
  if (!continues && header.is_final() && input.size() >= bytes) {
    const auto payload = cut_front(input, bytes);
    key.unmask(payload);
    return message(header.kind(), text_of(payload));
  }
  if (!continues)
    partial_.begin_message(header.kind());
  partial_.awaited() = {.bytes = bytes, .final = header.is_final(), .key = key};
  return read_payload(input);
}

read_result frame_reader::read_payload(std::span<char>& input) {
  auto& awaited = partial_.awaited();
  const auto piece = cut_front(input, std::min<std::size_t>(input.size(), awaited.bytes));
  awaited.key.unmask(piece);
  const auto limit = awaited.final ? partial_.message_bytes() + awaited.bytes
                                   : max_message_bytes_ + max_frame_start;
  awaited.bytes -= static_cast<std::uint32_t>(piece.size());
  partial_.append_to_message(piece, limit);
  if (partial_.awaits_payload())
    return {};
  if (!partial_.awaited().final)
    return {.what = frame_event::fragment, .bytes = {}};
  const auto kind = partial_.kind();
  return message(kind, text_of(partial_.finish_message()));
}

read_result frame_reader::message(opcode kind, std::string_view payload) {
  if (kind == opcode::binary)
    return {.what = frame_event::binary, .bytes = payload};
  if (!is_valid_utf8(payload))
    return violation(close_code::invalid_payload, "a text is not UTF-8");
  return {.what = frame_event::text, .bytes = payload};
}

// -- control frames -------------------------------------------------------------------------------

read_result frame_reader::read_control(const client_header& header, std::span<char> payload) {
  assert(payload.size() == header.payload_bytes() && payload.size() <= max_control_payload);
  auto key = header.key();
  key.unmask(payload);
  if (header.kind() == opcode::close)
    return read_close(text_of(payload));
  return {.what = header.kind() == opcode::ping ? frame_event::ping : frame_event::pong,
          .bytes = text_of(payload)};
}

/// RFC 6455 section 5.5.1: nothing, or the code, big-endian, and then the reason.
read_result frame_reader::read_close(std::string_view payload) {
  if (payload.size() == 1)
    return violation(close_code::protocol_error, "a close has half a code");
  ended_ = true;
  if (payload.empty())
    return {.what = frame_event::close, .bytes = {}};
  const auto high = static_cast<unsigned char>(payload[0]);
  const auto low = static_cast<unsigned char>(payload[1]);
  const auto code = high * 256U + low;
  if (!may_be_sent(code))
    return violation(close_code::protocol_error, "a close has a code that nobody may send");
  const auto reason = payload.substr(2);
  if (!is_valid_utf8(reason))
    return violation(close_code::invalid_payload, "a close's reason is not UTF-8");
  return {.what = frame_event::close, .code = static_cast<close_code>(code), .bytes = reason};
}

read_result frame_reader::violation(close_code code, std::string_view rule) {
  ended_ = true;
  partial_.release();
  return {.what = frame_event::violation, .code = code, .bytes = rule};
}

// -- frames that come in pieces -------------------------------------------------------------------

/// Returns the first `bytes` of the frame that comes next, in one piece: in `input`, or kept
/// because they were not. Empty: `input` has gone to what is kept, and more has to come.
std::span<char> frame_reader::frame_front(std::span<char>& input, std::size_t bytes) {
  const auto got = partial_.frame_start().size();
  if (got == 0 && input.size() >= bytes)
    return input.first(bytes);
  if (got < bytes) {
    const auto missing = std::min(bytes - got, input.size());
    partial_.append_to_frame_start(cut_front(input, missing), max_message_bytes_ + max_frame_start);
  }
  const auto start = partial_.frame_start();
  return start.size() < bytes ? std::span<char>{} : start.first(bytes);
}

/// Those bytes have been read. They stay where they are until the next call of `next`.
void frame_reader::consume_front(std::span<char>& input, std::size_t bytes) {
  if (partial_.frame_start().empty()) {
    cut_front(input, bytes);
    return;
  }
  assert(partial_.frame_start().size() == bytes);
  partial_.drop_frame_start();
}

} // namespace klatch::net
