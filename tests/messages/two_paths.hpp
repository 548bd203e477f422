/// What the decoder and its slow path alone make of a text, in words that can be compared.
#pragma once

#include "messages/wire/codec.hpp"
#include "messages/wire/decode_slow.hpp"
#include "messages/wire/readable_cid.hpp"
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
  auto read = reader.read(text);
  if (auto* failure = std::get_if<fault>(&read)) {
    if (speaks == dialect::extended)
      failure->cid = readable_cid(text);
    return in_words(*failure);
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
inline bool cid_is_the_frames(std::string_view text) {
  slow_reader reader;
  const auto read = reader.read(text);
  const auto* understood = std::get_if<raw_frame>(&read);
  if (understood == nullptr)
    return true;
  const auto& cid = (*understood)[field::cid];
  const bool counts = cid.kind == value_kind::text && cid.text.size() <= max_cid_bytes;
  return readable_cid(text) == (counts ? cid.text : std::string_view{});
}

} // namespace klatch
