/// What the decoder and its slow path alone make of a text, in words that can be compared.
#pragma once

#include "messages/wire/decoder.hpp"
#include "messages/wire/interpret.hpp"
#include "messages/wire/readable_key.hpp"
#include "messages/wire/reference_parser.hpp"
#include "tests/messages/commands_as_json.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace klatch {

/// With the text for people, where it is a fault.
inline std::string in_words(const decoded_frame& frame) {
  const auto* wrong = std::get_if<fault>(&frame.what);
  return as_json(frame).dump() + (wrong != nullptr ? wrong->text : "");
}

inline std::string slowly(std::string_view text, dialect speaks = dialect::extended) {
  reference_parser reader;
  auto read = reader.read(text);
  if (auto* failure = std::get_if<fault>(&read)) {
    const auto key = speaks == dialect::extended ? readable_key(text) : owned_key{};
    return in_words({std::move(*failure), key.view()});
  }
  made_texts made;
  return in_words(interpret(std::get<raw_frame>(read), speaks, limits{}, made, as_written{}));
}

inline std::string usually(decoder& decodes, std::string_view text,
                           dialect speaks = dialect::extended) {
  return in_words(decodes.decode(text, speaks));
}

/// Whether the key that is found in a text without understanding it is the frame's. True where the
/// text is not JSON.
inline bool key_is_the_frames(std::string_view text) {
  reference_parser reader;
  const auto read = reader.read(text);
  const auto* understood = std::get_if<raw_frame>(&read);
  if (understood == nullptr)
    return true;
  const auto found = readable_key(text);
  const auto key = key_of_frame(*understood);
  return found.cid == key.cid && found.ref == key.ref;
}

} // namespace klatch
