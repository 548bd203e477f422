#include "messages/text/code_points.hpp"

#include <cstdlib>
#include <memory>
#include <new>
#include <utf8proc.h>

namespace klatch {

namespace {

const utf8proc_property_t& property(char32_t point) noexcept {
  return *utf8proc_get_property(static_cast<utf8proc_int32_t>(point));
}

/// Takes the first code point off `text`; U+FFFD if there is none.
char32_t take_first(std::string_view& text) noexcept {
  utf8proc_int32_t point = 0;
  const auto taken = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(text.size()), &point);
  text.remove_prefix(taken > 0 ? static_cast<std::size_t>(taken) : 1);
  return taken > 0 ? static_cast<char32_t>(point) : U'\uFFFD';
}

/// Not yet assigned, but to be ignored where it is displayed.
constexpr bool is_reserved_for_format(char32_t point) {
  return (point >= 0xFFF0 && point <= 0xFFF8) || (point >= 0xE0000 && point <= 0xE0FFF) ||
         point == 0x2065;
}

} // namespace

std::u32string code_points(std::string_view text) {
  std::u32string result;
  while (!text.empty())
    result += take_first(text);
  return result;
}

void append_utf8(std::string& out, char32_t point) {
  utf8proc_uint8_t bytes[4]; // NOLINT(modernize-avoid-c-arrays): utf8proc writes to it
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool is_mark(char32_t point) noexcept {
  const auto category = property(point).category;
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

bool is_space(char32_t point) noexcept { return property(point).category == UTF8PROC_CATEGORY_ZS; }

bool is_visible(char32_t point) noexcept {
  constexpr char32_t braille_blank = 0x2800;
  const auto& known = property(point);
  switch (known.category) {
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_ZS:
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
  case UTF8PROC_CATEGORY_CC:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_CS:
    return false;
  default:
    return known.ignorable == 0 && point != braille_blank && !is_reserved_for_format(point);
  }
}

bool has_visible_character(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first > 0x20 && first < 0x7F)
      return true;
    if (is_visible(take_first(text)))
      return true;
  }
  return false;
}

std::string normalized(std::string_view text, bool compatible) {
  const auto form = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                                   (compatible ? UTF8PROC_COMPAT : 0));
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made, form);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner{made, &std::free};
  if (size == UTF8PROC_ERROR_NOMEM)
    throw std::bad_alloc{};
  if (size < 0)
    return std::string{text};
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

} // namespace klatch
