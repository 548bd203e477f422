/// Reads a frame's JSON object in one pass.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace load {

/// The fields of one object, as they stand in the JSON, not unescaped. What is nested in it is kept
/// as text. Throws `failure` where the text is no object, ends early or has more fields than any
/// frame of the protocol.
class frame_fields {
public:
  /// `json` has to outlive this.
  explicit frame_fields(std::string_view json);

  /// A string's content; empty if the field is missing or no string.
  std::string_view text(std::string_view name) const;

  /// Throws `failure` unless the field is there and a whole number from 0 on.
  std::uint64_t number(std::string_view name) const;

  /// Returns true if it is there and `true`.
  bool is_true(std::string_view name) const;

  std::string_view json() const { return json_; }

private:
  struct field {
    std::string_view name;
    std::string_view value; ///< without the quotes of a string
    bool is_string = false;
  };

  static constexpr std::size_t most_fields = 16;

  const field* find(std::string_view name) const;

  std::string_view json_;
  std::array<field, most_fields> fields_;
  std::size_t count_ = 0;
};

} // namespace load
