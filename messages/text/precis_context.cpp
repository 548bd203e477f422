#include "messages/text/precis_context.hpp"

#include "messages/text/precis.hpp"

#include <algorithm>
#include <cstddef>
#include <utf8proc.h>

namespace klatch {

namespace {

constexpr char32_t non_joiner = 0x200C;
constexpr char32_t joiner = 0x200D;

const utf8proc_property_t& tables_of(char32_t point) noexcept {
  return *utf8proc_get_property(static_cast<utf8proc_int32_t>(point));
}

/// U+0000 beyond the ends.
char32_t before(std::u32string_view text, std::size_t at) { return at > 0 ? text[at - 1] : 0; }
char32_t after(std::u32string_view text, std::size_t at) {
  return at + 1 < text.size() ? text[at + 1] : 0;
}

constexpr bool is_greek(char32_t point) {
  return (point >= 0x370 && point <= 0x3FF) || (point >= 0x1F00 && point <= 0x1FFF);
}
constexpr bool is_hebrew(char32_t point) {
  return (point >= 0x591 && point <= 0x5F4) || (point >= 0xFB1D && point <= 0xFB4F);
}
/// Hiragana, Katakana or Han.
constexpr bool is_japanese(char32_t point) {
  return (point >= 0x3041 && point <= 0x30FF && point != 0x30FB) ||
         (point >= 0x31F0 && point <= 0x31FF) || (point >= 0x3400 && point <= 0x9FFF) ||
         (point >= 0xF900 && point <= 0xFAFF) || (point >= 0x20000 && point <= 0x3FFFF) ||
         point == 0x3005 || point == 0x3007;
}

/// Appendix A.3 to A.9.
bool fits_context(std::u32string_view text, std::size_t at) {
  const auto point = text[at];
  const auto has_digit_from = [&](char32_t zero) {
    return std::any_of(text.begin(), text.end(),
                       [&](char32_t each) { return each >= zero && each <= zero + 9; });
  };
  switch (point) {
  case 0xB7:
    return before(text, at) == U'l' && after(text, at) == U'l';
  case 0x375:
    return is_greek(after(text, at));
  case 0x5F3:
  case 0x5F4:
    return is_hebrew(before(text, at));
  case 0x30FB:
    return std::any_of(text.begin(), text.end(), is_japanese);
  default: // The digits of Arabic and of Persian are not mixed.
    return !has_digit_from(point >= 0x6F0 ? 0x660 : 0x6F0);
  }
}

/// Appendix A.1 and A.2, in part: there is no table of joining types here.
bool follows_virama(std::u32string_view text, std::size_t at) {
  constexpr int virama = 9;
  return tables_of(before(text, at)).combining_class == virama;
}

bool is_pictograph(char32_t point) {
  return tables_of(point).boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}
constexpr bool selects_variant(char32_t point) { return point == 0xFE0E || point == 0xFE0F; }
constexpr bool is_skin_tone(char32_t point) { return point >= 0x1F3FB && point <= 0x1F3FF; }

/// `at` has U+200D, with a pictograph on each side.
bool joins_emoji(std::u32string_view text, std::size_t at) {
  auto left = at;
  while (left > 0 && (selects_variant(text[left - 1]) || is_skin_tone(text[left - 1])))
    --left;
  return is_pictograph(before(text, left)) && is_pictograph(after(text, at));
}

/// `at` has U+FE0E or U+FE0F, after a pictograph or within a keycap.
bool selects_emoji(std::u32string_view text, std::size_t at) {
  constexpr char32_t keycap = 0x20E3;
  return is_pictograph(before(text, at)) || after(text, at) == keycap;
}

bool is_arabic_letter(char32_t point) {
  return tables_of(point).bidi_class == UTF8PROC_BIDI_CLASS_AL;
}

} // namespace

bool may_stand_in_id(std::u32string_view text, std::size_t at) {
  switch (derive(text[at])) {
  case precis_value::valid:
    return true;
  case precis_value::joiner:
    return follows_virama(text, at);
  case precis_value::in_context:
    return fits_context(text, at);
  case precis_value::free_only:
  case precis_value::disallowed:
    break;
  }
  return false;
}

bool may_stand_in_name(std::u32string_view text, std::size_t at) {
  constexpr char32_t braille_blank = 0x2800;
  const auto point = text[at];
  if (may_stand_in_id(text, at))
    return true;
  if (point == joiner)
    return joins_emoji(text, at);
  if (point == non_joiner)
    return is_arabic_letter(before(text, at)) && is_arabic_letter(after(text, at));
  if (selects_variant(point))
    return selects_emoji(text, at);
  return derive(point) == precis_value::free_only && point != braille_blank;
}

} // namespace klatch
