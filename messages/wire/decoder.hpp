/// From the bytes of a text frame to a command.
#pragma once

#include "messages/limits.hpp"
#include "messages/stored_message.hpp"
#include "messages/wire/commands.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace klatch {

/// Decodes frames one after the other. Not thread-safe: one for each worker thread.
class decoder {
public:
  explicit decoder(const limits& allowed);
  decoder(decoder&&) noexcept;
  decoder& operator=(decoder&&) noexcept;
  ~decoder();

  /// Returns what `text`, a whole text message in valid UTF-8, means in that dialect. The result's
  /// views stay valid until the next call. Never throws for bad input: that is a `fault`. Without
  /// `known`, a frame that depends on it is `unusual_ids`.
  decoded_frame decode(std::string_view text, dialect speaks = dialect::plain,
                       std::optional<as_written> known = as_written{});

  /// The two steps of `decode`, for callers that bound the second, which takes some twenty times as
  /// long. The first returns nothing if the text is one for the second.
  std::optional<decoded_frame> decode_fast(std::string_view text, dialect speaks,
                                           std::optional<as_written> known);
  decoded_frame decode_slowly(std::string_view text, dialect speaks,
                              std::optional<as_written> known);

private:
  struct implementation;
  std::unique_ptr<implementation> self_;
};

} // namespace klatch
