#include "tests/sockets/wire_frame.hpp"

namespace klatch::sockets {

namespace {

void put_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xFFU);
}

length_form shortest_for(std::uint64_t length) {
  if (length < 126)
    return length_form::shortest;
  return length <= 0xFFFF ? length_form::two_bytes : length_form::eight_bytes;
}

} // namespace

std::string wire_frame::bytes() const {
  std::string out;
  const std::uint64_t length = announced.value_or(payload.size());
  const unsigned mask_bit = masked ? 0x80U : 0U;
  out += static_cast<char>((fin ? 0x80U : 0U) | reserved << 4U | kind);
  switch (form == length_form::shortest ? shortest_for(length) : form) {
  case length_form::shortest:
    out += static_cast<char>(mask_bit | static_cast<unsigned>(length));
    break;
  case length_form::two_bytes:
    out += static_cast<char>(mask_bit | 126U);
    put_big_endian(out, length, 2);
    break;
  case length_form::eight_bytes:
    out += static_cast<char>(mask_bit | 127U);
    put_big_endian(out, length, 8);
    break;
  }
  if (!masked)
    return out + payload;
  for (const auto byte : key)
    out += static_cast<char>(byte);
  for (std::size_t at = 0; at < payload.size(); ++at)
    out += static_cast<char>(static_cast<unsigned char>(payload[at]) ^ key[at % key.size()]);
  return out;
}

std::string close_payload(unsigned code, std::string_view reason) {
  std::string out;
  put_big_endian(out, code, 2);
  return out.append(reason);
}

std::string in_fragments(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t index = 0; index < count; ++index) {
    const auto begin = text.size() * index / count;
    const auto end = text.size() * (index + 1) / count;
    out += wire_frame{.kind = index == 0 ? opcode::text : opcode::continuation,
                      .payload = std::string{text.substr(begin, end - begin)},
                      .fin = index + 1 == count}
               .bytes();
  }
  return out;
}

} // namespace klatch::sockets
