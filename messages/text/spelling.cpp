#include "messages/text/spelling.hpp"

#include "messages/text/bidi_rule.hpp"
#include "messages/text/code_points.hpp"
#include "messages/text/precis_context.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

namespace klatch {

namespace {

constexpr std::string_view nothing_seen = "holds nothing that can be seen";

/// Printable ASCII with no space at the ends and no two together.
bool is_tidy_ascii(std::string_view text) noexcept {
  char before = ' ';
  for (const char character : text) {
    if (character < ' ' || character > '~' || (character == ' ' && before == ' '))
      return false;
    before = character;
  }
  return before != ' ';
}

/// What breaks a rule, in the text as it is spelled.
struct broken_rule {
  std::optional<char32_t> point; ///< nothing: no character in particular
  std::string_view why;
};

std::string number_of(char32_t point) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "U+%04X", static_cast<unsigned>(point));
  return text.data();
}

/// Names the character of `written` that has become the one at fault.
misspelling in_words(const broken_rule& broken, std::string_view written) {
  if (!broken.point)
    return {std::string{broken.why}};
  for (const auto each : code_points(written)) {
    std::string one;
    append_utf8(one, each);
    if (code_points(normalized(one, true)).find(*broken.point) != std::u32string::npos)
      return {"holds " + number_of(each) + std::string{broken.why}};
  }
  return {"holds " + number_of(*broken.point) + std::string{broken.why}};
}

/// Section 3.3.1 of RFC 8265: wide and narrow forms of one character become it.
std::string with_usual_width(std::string_view text) {
  std::string out;
  for (const auto point : code_points(text)) {
    std::string one;
    append_utf8(one, point);
    const bool has_width = point == 0x3000 || (point >= 0xFF00 && point <= 0xFFEF);
    const auto usual = has_width ? normalized(one, true) : one;
    out += code_points(usual).size() == 1 ? usual : one;
  }
  return out;
}

/// RFC 8266 section 2.1: spaces as U+0020, none at the ends, one at a time.
std::string with_single_spaces(std::string_view text) {
  std::string out;
  bool space = false;
  for (const auto point : code_points(text)) {
    if (is_space(point)) {
      space = !out.empty();
      continue;
    }
    if (std::exchange(space, false))
      out += ' ';
    append_utf8(out, point);
  }
  return out;
}

std::optional<broken_rule> fault_of_id(std::u32string_view points) {
  bool begins = true;
  for (std::size_t at = 0; at < points.size(); ++at) {
    const auto point = points[at];
    if (point == U' ') {
      if (begins || at + 1 == points.size())
        return broken_rule{point, " at an end or twice together"};
      begins = true;
      continue;
    }
    if (!may_stand_in_id(points, at))
      return broken_rule{point, ", which may not stand in an id"};
    if (std::exchange(begins, false) && is_mark(point))
      return broken_rule{point, ", a mark, with nothing before it"};
  }
  return std::nullopt;
}

std::optional<broken_rule> fault_of_directions(std::u32string_view points) {
  while (!points.empty()) {
    const auto end = std::min(points.find(U' '), points.size());
    if (const auto wrong = against_bidi_rule(points.substr(0, end)))
      return broken_rule{*wrong, " against the direction of the rest (RFC 5893)"};
    points.remove_prefix(std::min(end + 1, points.size()));
  }
  return std::nullopt;
}

std::optional<broken_rule> fault_of_name(std::u32string_view points) {
  for (std::size_t at = 0; at < points.size(); ++at)
    if (!may_stand_in_name(points, at))
      return broken_rule{points[at], ", which may not stand in a name"};
  if (!points.empty() && is_mark(points.front()))
    return broken_rule{points.front(), ", a mark, with nothing before it"};
  if (std::none_of(points.begin(), points.end(), is_visible))
    return broken_rule{std::nullopt, nothing_seen};
  return std::nullopt;
}

} // namespace

bool is_ascii_id(std::string_view text) noexcept { return is_tidy_ascii(text); }
bool is_ascii_name(std::string_view text) noexcept { return is_tidy_ascii(text); }

spelling spelling_of_id(std::string_view text) {
  if (is_ascii_id(text))
    return std::string{text};
  auto result = normalized(with_usual_width(text), false);
  const auto points = code_points(result);
  if (const auto wrong = fault_of_id(points))
    return in_words(*wrong, text);
  if (const auto wrong = fault_of_directions(points))
    return in_words(*wrong, text);
  return result;
}

spelling spelling_of_name(std::string_view text) {
  if (is_ascii_name(text))
    return std::string{text};
  auto result = with_single_spaces(text);
  // RFC 8266 section 2.3: what one pass makes may need another.
  constexpr int most_passes = 4;
  for (int pass = 0; pass < most_passes; ++pass)
    if (auto next = with_single_spaces(normalized(result, true)); next == result)
      break;
    else
      result = std::move(next);
  if (result.empty())
    return misspelling{std::string{nothing_seen}};
  if (const auto wrong = fault_of_name(code_points(result)))
    return in_words(*wrong, text);
  return result;
}

} // namespace klatch
