/// The parser for what the fast one refuses: it has the last word on what is JSON.
#pragma once

#include "messages/wire/raw_frame.hpp"

#include <array>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// Reads JSON of any depth and with numbers of any size, in time and memory linear in the text.
/// Takes any bytes.
class slow_reader {
public:
  /// The frame, or `bad_json` with the place of the first error. A text that is not JSON has no
  /// type, so the fault's is `none`. Escapes that are half of a surrogate pair and a byte order
  /// mark are not taken for JSON. The frame's views stay valid until the next call.
  std::variant<raw_frame, fault> read(std::string_view text);

private:
  std::array<std::string, field_count> texts_;
};

} // namespace klatch
