/// What the decoder and its slow path alone make of a text, in words that can be compared.
#pragma once

#include "messages/codec.hpp"
#include "messages/decode_slow.hpp"
#include "tests/messages/commands_as_json.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// With the text for people, where it is a fault.
inline std::string in_words(const command& what) {
  const auto* wrong = std::get_if<fault>(&what);
  return as_json(what).dump() + (wrong != nullptr ? wrong->text : "");
}

inline std::string slowly(std::string_view text, dialect speaks = dialect::extended) {
  slow_reader reader;
  const auto read = reader.read(text);
  if (const auto* failure = std::get_if<fault>(&read))
    return in_words(*failure);
  return in_words(interpret(std::get<raw_frame>(read), speaks, limits{}));
}

inline std::string usually(decoder& decodes, std::string_view text,
                           dialect speaks = dialect::extended) {
  return in_words(decodes.decode(text, speaks));
}

} // namespace klatch
