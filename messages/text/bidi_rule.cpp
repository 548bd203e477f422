#include "messages/text/bidi_rule.hpp"

#include <algorithm>
#include <cstddef>
#include <utf8proc.h>

namespace klatch {

namespace {

int direction(char32_t point) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(point))->bidi_class;
}

bool is_right_to_left(int of) {
  return of == UTF8PROC_BIDI_CLASS_R || of == UTF8PROC_BIDI_CLASS_AL;
}

bool makes_rule_apply(char32_t point) {
  const auto of = direction(point);
  return is_right_to_left(of) || of == UTF8PROC_BIDI_CLASS_AN;
}

/// Conditions 2 and 5.
bool may_stand(int of, bool right_to_left) {
  switch (of) {
  case UTF8PROC_BIDI_CLASS_EN:
  case UTF8PROC_BIDI_CLASS_ES:
  case UTF8PROC_BIDI_CLASS_CS:
  case UTF8PROC_BIDI_CLASS_ET:
  case UTF8PROC_BIDI_CLASS_ON:
  case UTF8PROC_BIDI_CLASS_BN:
  case UTF8PROC_BIDI_CLASS_NSM:
    return true;
  case UTF8PROC_BIDI_CLASS_R:
  case UTF8PROC_BIDI_CLASS_AL:
  case UTF8PROC_BIDI_CLASS_AN:
    return right_to_left;
  default:
    return of == UTF8PROC_BIDI_CLASS_L && !right_to_left;
  }
}

/// Conditions 3 and 6: of the last character but marks.
bool may_end(int of, bool right_to_left) {
  if (right_to_left)
    return is_right_to_left(of) || of == UTF8PROC_BIDI_CLASS_EN || of == UTF8PROC_BIDI_CLASS_AN;
  return of == UTF8PROC_BIDI_CLASS_L || of == UTF8PROC_BIDI_CLASS_EN;
}

} // namespace

std::optional<char32_t> against_bidi_rule(std::u32string_view label) {
  if (std::none_of(label.begin(), label.end(), makes_rule_apply))
    return std::nullopt;
  const auto first = direction(label.front());
  const bool right_to_left = is_right_to_left(first);
  if (!right_to_left && first != UTF8PROC_BIDI_CLASS_L) // Condition 1.
    return label.front();
  int digits = -1; // The first kind of digits; condition 4.
  for (const auto point : label) {
    const auto of = direction(point);
    if (!may_stand(of, right_to_left))
      return point;
    if (of != UTF8PROC_BIDI_CLASS_EN && of != UTF8PROC_BIDI_CLASS_AN)
      continue;
    if (right_to_left && digits != -1 && digits != of)
      return point;
    digits = of;
  }
  const auto last = std::find_if(label.rbegin(), label.rend(), [](char32_t point) {
    return direction(point) != UTF8PROC_BIDI_CLASS_NSM;
  });
  return may_end(direction(*last), right_to_left) ? std::nullopt : std::optional{*last};
}

} // namespace klatch
