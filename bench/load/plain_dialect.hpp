/// The plain dialect as far as the load program speaks it, with texts that can be checked.
#pragma once

#include "bench/load/greeting.hpp"
#include "bench/load/numbered_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

std::string registration(std::size_t client);

/// A field's string value as it stands in the JSON, not unescaped; empty if there is none. Takes
/// the first key of that name at any depth: the frames of this dialect are flat.
std::string_view string_field(std::string_view json, std::string_view name);

/// Throws `failure` unless `json` is the acknowledgement of a registration.
void check_acknowledgement(std::string_view json);

/// Every client registers as the user with its index.
greeting plain_greeting();

/// Throws `failure` when `json` is an error or of a type that a plain client is never sent.
void check_notice(std::string_view json);

/// The messages from one client to another, numbered 1, 2, 3 …, of one size.
class plain_stream {
public:
  /// `text_bytes`: at least `numbered_text::min_bytes`.
  plain_stream(std::size_t from, std::size_t to, std::size_t text_bytes);

  /// The frame's text for the next message. Valid until the next call.
  std::string_view next();

  /// Takes a frame that the recipient was sent. Throws `failure` unless it is the `usermsg` with
  /// the next number, whole.
  void take(std::string_view json);

  std::uint64_t sent() const { return sent_; }
  std::uint64_t taken() const { return taken_; }

private:
  std::string json_;
  numbered_text expected_;
  std::size_t text_bytes_;
  std::size_t text_at_;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
};

} // namespace load
