#include "messages/json_text.hpp"

#include <cstddef>

namespace klatch {

namespace {

constexpr bool needs_escape(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

/// How many bytes at the start of `text` go out as they are.
std::size_t plain_prefix(std::string_view text) {
  // Blocks of constant size without a branch inside: the compiler makes vector instructions of
  // them.
  constexpr std::size_t block = 16;
  std::size_t at = 0;
  for (; at + block <= text.size(); at += block) {
    unsigned found = 0;
    for (std::size_t i = 0; i < block; ++i)
      found |= static_cast<unsigned>(needs_escape(text[at + i]));
    if (found != 0)
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
