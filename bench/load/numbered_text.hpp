/// Texts that can be checked: whatever is cut, altered, doubled or sent to the wrong client is
/// noticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

/// The name and id of the user with this index.
std::string user_name(std::size_t user);

/// The start of what a failure quotes.
std::string shortened(std::string_view text);

/// The texts from one user to another, of one size. Each has its number at both ends and the two
/// users between; only letters, digits, spaces, dots and dashes, which no server escapes.
class numbered_text {
public:
  static constexpr std::size_t min_bytes = 64;

  /// `bytes`: at least `min_bytes`.
  numbered_text(std::size_t from, std::size_t to, std::size_t bytes);

  /// The text with this number. Valid until the next call.
  const std::string& with(std::uint64_t number);

private:
  std::string text_;
};

/// Writes `number` at both ends of the numbered text of `size` bytes that starts at `at`.
void put_number(std::string& text, std::size_t at, std::size_t size, std::uint64_t number);

} // namespace load
