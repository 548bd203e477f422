/// The parser for what the fast one refuses: it has the last word on what is JSON.
#pragma once

#include "messages/wire/raw_frame.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// Reads JSON of any depth and with numbers of any size, in time and memory linear in the text.
/// Takes any bytes.
class reference_parser {
public:
  /// Returns the frame, or `bad_json` with the place of the first error. Half a surrogate pair in
  /// escapes, and a byte order mark, are not JSON. The frame's views stay valid until the next
  /// call.
  std::variant<raw_frame, fault> read(std::string_view text);

private:
  std::array<std::string, field_count> texts_;
};

/// Returns the text of a JSON string in its quotes; nothing if `token` is not one.
std::optional<std::string> text_of_json_string(std::string_view token);

} // namespace klatch
