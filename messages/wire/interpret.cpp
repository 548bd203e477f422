#include "messages/wire/interpret.hpp"

#include "messages/wire/command_table.hpp"
#include "messages/wire/field_reader.hpp"

#include <variant>

namespace klatch {

namespace {

command interpret_object(const raw_frame& source, dialect speaks, const limits& allowed,
                         made_texts& made, const std::optional<as_written>& known) {
  if (!source.is_object)
    return fault{error_code::bad_frame, "a frame has to be a JSON object"};
  const auto& type = source[field::type];
  if (type.kind == value_kind::absent)
    return fault{error_code::bad_frame, "type is missing: it has to be a string"};
  if (type.kind != value_kind::text)
    return fault{error_code::bad_frame, "type has to be a string"};
  const auto* row = find_row(type.text, speaks);
  if (row == nullptr)
    return fault{error_code::unknown_type, types_known_in(speaks)};
  field_reader read{source, *row, allowed, made, known};
  if (speaks == dialect::extended)
    read.ref();
  return row->decode(read, speaks);
}

/// Returns true if answers to the frame carry its key.
bool has_key(const command& what, dialect speaks) {
  const auto* registers = std::get_if<registration>(&what);
  return speaks == dialect::extended ||
         (registers != nullptr && registers->speaks == dialect::extended);
}

} // namespace

decoded_frame interpret(const raw_frame& source, dialect speaks, const limits& allowed,
                        made_texts& made, std::optional<as_written> known) {
  decoded_frame result{interpret_object(source, speaks, allowed, made, known), {}};
  if (has_key(result.what, speaks))
    result.key = key_of_frame(source);
  return result;
}

} // namespace klatch
