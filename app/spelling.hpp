/// Which known word a misspelt one was meant to be.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace klatch::app {

/// Returns the word of `known` that is nearest to `text`: at most two letters apart, and at most a
/// third of its own length.
std::optional<std::string_view> nearest_word(std::string_view text,
                                             std::span<const std::string_view> known);

} // namespace klatch::app
