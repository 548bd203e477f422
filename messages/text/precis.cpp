#include "messages/text/precis.hpp"

#include "messages/text/code_points.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utf8proc.h>

namespace klatch {

namespace {

struct range {
  char32_t first;
  char32_t last;
};

template<std::size_t Size>
constexpr bool is_in(char32_t point, const std::array<range, Size>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const range& each) { return point >= each.first && point <= each.last; });
}

/// Section 9.6.
constexpr std::array always_valid{range{0xDF, 0xDF}, range{0x3C2, 0x3C2}, range{0x6FD, 0x6FE},
                                  range{0xF0B, 0xF0B}, range{0x3007, 0x3007}};
constexpr std::array context_rule{range{0xB7, 0xB7},   range{0x375, 0x375}, range{0x5F3, 0x5F4},
                                  range{0x660, 0x669}, range{0x6F0, 0x6F9}, range{0x30FB, 0x30FB}};
constexpr std::array never{range{0x640, 0x640}, range{0x7FA, 0x7FA}, range{0x302E, 0x302F},
                           range{0x3031, 0x3035}, range{0x303B, 0x303B}};
/// Section 9.9: letters of Hangul that are put together to syllables.
constexpr std::array old_hangul{range{0x1100, 0x11FF}, range{0xA960, 0xA97C},
                                range{0xD7B0, 0xD7FB}};

bool has_compatible_form(char32_t point) {
  std::string text;
  append_utf8(text, point);
  return normalized(text, true) != text;
}

bool is_noncharacter(char32_t point) {
  return (point & 0xFFFEU) == 0xFFFEU || (point >= 0xFDD0 && point <= 0xFDEF);
}

std::optional<precis_value> exception(char32_t point) {
  if (is_in(point, always_valid))
    return precis_value::valid;
  if (is_in(point, context_rule))
    return precis_value::in_context;
  if (is_in(point, never))
    return precis_value::disallowed;
  return std::nullopt;
}

precis_value by_category(int category) {
  switch (category) {
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
    return precis_value::valid;
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_NO:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_ZS:
  case UTF8PROC_CATEGORY_SM:
  case UTF8PROC_CATEGORY_SC:
  case UTF8PROC_CATEGORY_SK:
  case UTF8PROC_CATEGORY_SO:
  case UTF8PROC_CATEGORY_PC:
  case UTF8PROC_CATEGORY_PD:
  case UTF8PROC_CATEGORY_PS:
  case UTF8PROC_CATEGORY_PE:
  case UTF8PROC_CATEGORY_PI:
  case UTF8PROC_CATEGORY_PF:
  case UTF8PROC_CATEGORY_PO:
    return precis_value::free_only;
  default:
    return precis_value::disallowed;
  }
}

} // namespace

precis_value derive(char32_t point) {
  if (const auto found = exception(point))
    return *found;
  const auto& known = *utf8proc_get_property(static_cast<utf8proc_int32_t>(point));
  if (known.category == UTF8PROC_CATEGORY_CN)
    return precis_value::disallowed;
  if (point >= 0x21 && point <= 0x7E)
    return precis_value::valid;
  if (point == 0x200C || point == 0x200D)
    return precis_value::joiner;
  if (is_in(point, old_hangul) || known.ignorable != 0 || is_noncharacter(point) ||
      known.category == UTF8PROC_CATEGORY_CC)
    return precis_value::disallowed;
  if (has_compatible_form(point))
    return precis_value::free_only;
  return by_category(known.category);
}

} // namespace klatch
