/// The kinds of values: what each takes, and that it prints what it takes.
#include "app/values.hpp"
#include "tests/catch.hpp"

namespace klatch::app {

namespace {

/// Returns what is left of `text` once it was parsed and printed.
template<class Kind>
std::string again(const Kind& kind, const std::string& text) {
  return kind.print(kind.parse(text));
}

} // namespace

TEST_CASE("each kind of value prints what it parses") {
  CHECK(again(number{1, 9}, "7") == "7");
  CHECK(again(bytes{kib, 9}, "7") == "7");
  CHECK(again(days_or_ever{9}, "7") == "7");
  CHECK(again(days_or_ever{9}, "0") == "0");
  CHECK(again(boolean{}, "true") == "true");
  CHECK(again(boolean{}, "false") == "false");
  CHECK(again(choice<int>{{"one", 1}, {"two", 2}}, "two") == "two");
  CHECK(again(any_path{}, "some where") == "some where");
  CHECK(listen_addresses::print(listen_addresses::parse({"localhost:1", "[::1]:2"})) ==
        "127.0.0.1:1, [::1]:2");
  CHECK(allowed_origins::print(allowed_origins::parse({"https://A.example", "*"})) ==
        "https://a.example, *");
}

TEST_CASE("values are taken within their bounds, with nothing around them") {
  CHECK(number{1, 9}.parse("9") == 9);
  CHECK(bytes{mib, 9}.parse("9") == 9UL * 1024 * 1024);
  CHECK(days_or_ever{9}.parse("9") == std::chrono::days{9});
  CHECK_FALSE(days_or_ever{9}.parse("0").has_value());
  for (const auto* text : {"", " 1", "1 ", "+1", "10", "1K"}) {
    INFO(text);
    CHECK_THROWS_AS((number{1, 9}.parse(text)), config_error);
    CHECK_THROWS_AS((bytes{kib, 9}.parse(text)), config_error);
    CHECK_THROWS_AS(days_or_ever{9}.parse(text), config_error);
  }
  for (const auto* text : {"", "on", "True", "1"})
    CHECK_THROWS_WITH(boolean{}.parse(text), in_quotes(text) + " is not true or false");
}

TEST_CASE("words are joined with another word before the last") {
  CHECK(join_words({}, " or ").empty());
  CHECK(join_words({"a"}, " or ") == "a");
  CHECK(join_words({"a", "b"}, " or ") == "a or b");
  CHECK(join_words({"a", "b", "c"}, " or ") == "a, b or c");
}

} // namespace klatch::app
