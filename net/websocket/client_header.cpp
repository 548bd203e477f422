#include "net/websocket/client_header.hpp"

#include <cassert>

namespace klatch::net {

namespace {

constexpr unsigned length_of_16_bits = 126;
constexpr unsigned length_of_64_bits = 127;

constexpr unsigned octet(char byte) { return static_cast<unsigned char>(byte); }

constexpr bool is_masked(char second) { return (octet(second) & 0x80U) != 0; }

/// How many bytes hold the length if the seven bits of the second byte do not.
constexpr std::size_t length_bytes(char second) {
  switch (octet(second) & 0x7FU) {
  case length_of_16_bits:
    return 2;
  case length_of_64_bits:
    return 8;
  default:
    return 0;
  }
}

constexpr std::uint64_t big_endian(std::span<const char> bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes)
    value = value << 8U | octet(byte);
  return value;
}

constexpr bool is_reserved(opcode kind) {
  return (kind > opcode::binary && kind < opcode::close) || kind > opcode::pong;
}

} // namespace

std::size_t client_header::size_of(std::span<const char> start) noexcept {
  assert(start.size() >= min_bytes);
  return min_bytes + length_bytes(start[1]) + (is_masked(start[1]) ? masking_key::size : 0);
}

client_header::client_header(std::span<const char> bytes) noexcept
    : payload_bytes_(octet(bytes[1]) & 0x7FU), kind_(static_cast<opcode>(octet(bytes[0]) & 0x0FU)),
      final_((octet(bytes[0]) & 0x80U) != 0), reserved_bits_((octet(bytes[0]) & 0x70U) != 0),
      masked_(is_masked(bytes[1])) {
  assert(bytes.size() >= size_of(bytes));
  const auto more = length_bytes(bytes[1]);
  if (more != 0) {
    payload_bytes_ = big_endian(bytes.subspan(min_bytes, more));
    shortest_length_ = payload_bytes_ > (more == 2 ? max_control_payload : 0xFFFFU);
  }
  if (masked_)
    key_ = masking_key{bytes.subspan(min_bytes + more).first<masking_key::size>()};
}

std::string_view client_header::broken_rule() const noexcept {
  if (reserved_bits_)
    return "reserved bits are set";
  if (is_reserved(kind_))
    return "the opcode is reserved";
  if (!masked_)
    return "a client's frame is not masked";
  if (is_control() && !final_)
    return "a control frame is fragmented";
  if (is_control() && payload_bytes_ > max_control_payload)
    return "a control frame is longer than 125 bytes";
  if (payload_bytes_ >> 63U != 0)
    return "the highest bit of a length is set";
  if (!shortest_length_)
    return "a length is longer than it needs to be";
  return {};
}

} // namespace klatch::net
