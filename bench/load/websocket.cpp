#include "bench/load/websocket.hpp"

#include "bench/load/failure.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>

namespace load {

namespace {

constexpr std::string_view key_of_rfc = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept_of_rfc = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::size_t max_response = std::size_t{16} * 1024;

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// A header's value, empty if it is missing; `headers` are lines that end in CR LF.
std::string_view header(std::string_view headers, std::string_view name) {
  while (!headers.empty()) {
    auto line = headers.substr(0, headers.find("\r\n"));
    headers.remove_prefix(std::min(headers.size(), line.size() + 2));
    auto colon = line.find(':');
    if (colon != std::string_view::npos && same_ignoring_case(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
  }
  return {};
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (unsigned char byte : bytes)
    value = value << 8 | byte;
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

void append_masked(std::string& out, std::string_view payload, std::uint32_t key) {
  auto at = out.size();
  out.append(payload);
  char* to = out.data() + at;
  std::size_t i = 0;
  const std::uint64_t wide = static_cast<std::uint64_t>(key) << 32 | key;
  for (; i + sizeof wide <= payload.size(); i += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, to + i, sizeof word);
    word ^= wide;
    std::memcpy(to + i, &word, sizeof word);
  }
  const auto bytes = std::bit_cast<std::array<char, sizeof key>>(key);
  for (; i < payload.size(); ++i)
    to[i] = static_cast<char>(to[i] ^ bytes[i % bytes.size()]);
}

void check_first_bytes(unsigned first, unsigned second) {
  const auto op = first & 0x0fU;
  const bool control = op >= 8;
  if ((first & 0x70U) != 0)
    throw failure("the server sent a frame with reserved bits set");
  if ((op > 2 && op < 8) || op > 10)
    throw failure("the server sent a frame with a reserved opcode");
  if ((second & 0x80U) != 0)
    throw failure("the server sent a masked frame");
  if (control && ((first & 0x80U) == 0 || (second & 0x7fU) > 125))
    throw failure("the server sent a control frame that is long or in fragments");
}

} // namespace

std::string upgrade_request(std::string_view host, std::uint16_t port, std::string_view path) {
  std::string request;
  request.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
  request.append(":").append(std::to_string(port));
  request.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
  request.append("Sec-WebSocket-Key: ").append(key_of_rfc).append("\r\n\r\n");
  return request;
}

std::size_t parse_upgrade_response(std::string_view input) {
  auto end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (input.size() > max_response)
      throw failure("the server's answer to the upgrade does not end");
    return 0;
  }
  auto status = input.substr(0, input.find("\r\n"));
  if (!status.starts_with("HTTP/1.1 101"))
    throw failure("the server answered the upgrade with: " + std::string(status));
  auto headers = input.substr(status.size() + 2, end - status.size());
  if (header(headers, "Sec-WebSocket-Accept") != accept_of_rfc)
    throw failure("the server's Sec-WebSocket-Accept is wrong");
  if (!header(headers, "Sec-WebSocket-Extensions").empty())
    throw failure("the server turned on an extension that was not offered");
  return end + 4;
}

void append_frame(std::string& out, opcode op, std::string_view payload, std::uint32_t key) {
  constexpr char mask_bit = static_cast<char>(0x80);
  out += static_cast<char>(0x80U | static_cast<unsigned>(op));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80U | payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(mask_bit | 126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(mask_bit | 127);
    append_big_endian(out, payload.size(), 8);
  }
  const auto bytes = std::bit_cast<std::array<char, sizeof key>>(key);
  out.append(bytes.data(), bytes.size());
  append_masked(out, payload, key);
}

std::size_t parse_frame(std::string_view input, frame_view& out) {
  if (input.size() < 2)
    return 0;
  const auto first = static_cast<unsigned char>(input[0]);
  const auto second = static_cast<unsigned char>(input[1]);
  check_first_bytes(first, second);
  std::size_t header_size = 2;
  std::uint64_t size = second & 0x7fU;
  if (size >= 126) {
    const std::size_t width = size == 126 ? 2 : 8;
    header_size += width;
    if (input.size() < header_size)
      return 0;
    size = big_endian(input.substr(2, width));
    if (size < 126 || (width == 8 && size <= 0xffff))
      throw failure("the server sent a length that is not in its shortest form");
  }
  if (size > max_payload)
    throw failure("the server sent a frame of " + std::to_string(size) + " bytes");
  if (input.size() - header_size < size)
    return 0;
  out = {static_cast<opcode>(first & 0x0fU), (first & 0x80U) != 0,
         input.substr(header_size, static_cast<std::size_t>(size))};
  return header_size + static_cast<std::size_t>(size);
}

} // namespace load
