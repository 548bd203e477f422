#include "messages/wire/json_text.hpp"

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

/// How many bytes at the start of `text` go out as they are.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t bytes = 0; at + sizeof(bytes) <= text.size(); at += sizeof(bytes)) {
    std::memcpy(&bytes, text.data() + at, sizeof(bytes));
    if (any_needs_escape(bytes))
      break;
  }
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

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const auto plain = plain_prefix(text);
    out.append(text.substr(0, plain));
    if (plain == text.size())
      break;
    append_escaped(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

} // namespace klatch
