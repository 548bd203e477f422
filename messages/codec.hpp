/// The wire protocol: bytes of a text frame to a command and back.
#pragma once

#include "messages/commands.hpp"
#include "messages/frame.hpp"
#include "messages/limits.hpp"

#include <chrono>
#include <memory>
#include <string_view>

namespace klatch {

/// Decodes frames one after the other. Not thread-safe: one for each worker thread.
class decoder {
public:
  explicit decoder(const limits& allowed);
  decoder(decoder&&) noexcept;
  decoder& operator=(decoder&&) noexcept;
  ~decoder();

  /// What `text`, a whole text message in valid UTF-8, says. The result's views stay valid until
  /// the next call. Never throws for bad input: that is a `fault`.
  command decode(std::string_view text);

private:
  struct implementation;
  std::unique_ptr<implementation> self_;
};

/// A message as its recipients see it.
struct usermsg {
  std::string_view name;
  std::string_view message;
  std::string_view color;
  std::string_view from;
  std::string_view to;
};

/// `{"type":"usermsg","name":…,"message":…,"color":…,"from":…,"to":…}`. Expects valid UTF-8.
frame encode(const usermsg& message);

/// `{"type":"system","message":"Initial message received"}`, to the letter.
const frame& acknowledgement();

/// `{"type":"system","message":…}`: a notice for people.
frame encode_notice(std::string_view text);

/// `{"type":"system","message":…,"error":CODE}`; `text` empty: the table's own text.
frame encode_error(error_code code, std::string_view text = {});

/// `{"type":"system","message":"5 is not connected","error":"not_connected","to":"5"}`.
frame encode_not_connected(std::string_view to);

/// `{"type":"system","message":…,"error":"rate_limited","retry_ms":…}`.
frame encode_rate_limited(std::chrono::milliseconds retry);

} // namespace klatch
