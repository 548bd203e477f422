#include "messages/text/utf8.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch {

TEST_CASE("the first and the last character of each length are UTF-8", "[utf8]") {
  using namespace std::string_view_literals;
  const auto text = GENERATE(values<std::string_view>(
      {""sv, "\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
       "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv}));
  CHECK(is_valid_utf8(text));
  CHECK(is_valid_utf8(std::string(100, 'x').append(text)));
}

TEST_CASE("overlong forms, surrogates, what is beyond U+10FFFF and pieces are not", "[utf8]") {
  const auto text = GENERATE(values<std::string_view>(
      {"\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",
       "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE",
       "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3("}));
  CHECK_FALSE(is_valid_utf8(text));
  CHECK_FALSE(is_valid_utf8(std::string(100, 'x').append(text)));
  CHECK_FALSE(is_valid_utf8(std::string{text}.append(100, 'x')));
}

} // namespace klatch
