#include "messages/wire/json_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace klatch {

namespace {

constexpr bool needs_escape(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

/// Eight bytes that are all `byte`.
constexpr std::uint64_t all(unsigned char byte) { return 0x0101010101010101U * byte; }

/// Returns true if any of the eight bytes needs an escape.
constexpr bool any_needs_escape(std::uint64_t bytes) {
  // For a bound of at most 0x80, subtracting it sets the top bit of the lowest byte below it, and
  // `~bytes` takes out those bytes that had it already.
  const auto quote = bytes ^ all('"');
  const auto backslash = bytes ^ all('\\');
  const auto found = ((bytes - all(0x20)) & ~bytes) | ((quote - all(1)) & ~quote) |
                     ((backslash - all(1)) & ~backslash);
  return (found & all(0x80)) != 0;
}

/// Sixteen bytes that are looked at together.
using lanes [[gnu::vector_size(16)]] = unsigned char;

bool any_needs_escape(const lanes& bytes) {
  const auto found = (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(found);
  return (halves[0] | halves[1]) != 0;
}

/// Returns the bytes of a `Block` that begins at `from`.
template<class Block>
Block load(const char* from) {
  Block bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

/// As `is_plain`, of `text` that has at least a `Block` of bytes: the last one may overlap.
template<class Block>
bool is_plain_by(std::string_view text) {
  const auto last = text.size() - sizeof(Block);
  for (std::size_t at = 0; at < last; at += sizeof(Block))
    if (any_needs_escape(load<Block>(text.data() + at)))
      return false;
  return !any_needs_escape(load<Block>(text.data() + last));
}

/// Returns true if all of `text` goes out as it is, as nearly every text does.
bool is_plain(std::string_view text) {
  if (text.size() >= sizeof(lanes))
    return is_plain_by<lanes>(text);
  if (text.size() >= sizeof(std::uint64_t))
    return is_plain_by<std::uint64_t>(text);
  if (text.size() >= sizeof(std::uint32_t)) { // Its first four and its last, which may overlap.
    const auto last = text.data() + text.size() - sizeof(std::uint32_t);
    const auto first_half = std::uint64_t{load<std::uint32_t>(text.data())} << 32U;
    return !any_needs_escape(first_half | load<std::uint32_t>(last));
  }
  return std::none_of(text.begin(), text.end(), needs_escape);
}

/// How many bytes at the start of `text` go out as they are.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at + sizeof(lanes) <= text.size() && !any_needs_escape(load<lanes>(text.data() + at)))
    at += sizeof(lanes);
  while (at < text.size() && !needs_escape(text[at]))
    ++at;
  return at;
}

void append_escaped(std::string& out, char character) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '\\';
  switch (character) {
  case '\b':
    out += 'b';
    break;
  case '\f':
    out += 'f';
    break;
  case '\n':
    out += 'n';
    break;
  case '\r':
    out += 'r';
    break;
  case '\t':
    out += 't';
    break;
  case '"':
  case '\\':
    out += character;
    break;
  default: {
    const auto value = static_cast<unsigned char>(character);
    out += "u00";
    out += digits[value >> 4U];
    out += digits[value & 0xFU];
  }
  }
}

void append_with_escapes(std::string& out, std::string_view text) {
  for (;;) {
    const auto plain = plain_prefix(text);
    out.append(text.substr(0, plain));
    if (plain == text.size())
      return;
    append_escaped(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (is_plain(text))
    out.append(text);
  else
    append_with_escapes(out, text);
  out += '"';
}

} // namespace klatch
