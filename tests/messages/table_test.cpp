// Ids, and the table of errors and close codes.
#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "tests/catch.hpp"

#include <set>
#include <string>

namespace klatch {

TEST_CASE("an id has 1 to 64 bytes") {
  CHECK_FALSE(valid_id(""));
  CHECK(valid_id("7"));
  CHECK(valid_id(std::string(64, 'x')));
  CHECK_FALSE(valid_id(std::string(65, 'x')));
}

TEST_CASE("an id has no control characters") {
  for (int code = 0; code < 0x20; ++code)
    CHECK_FALSE(valid_id(std::string{'a', static_cast<char>(code)}));
  CHECK_FALSE(valid_id("a\x7F"));
  for (int code = 0x80; code < 0xA0; ++code)
    CHECK_FALSE(valid_id(std::string{'a', '\xC2', static_cast<char>(code), 'b'}));
  for (int code = 0x20; code < 0x7F; ++code)
    CHECK(valid_id(std::string(1, static_cast<char>(code))));
  // The bytes of C1 are fine within other characters: U+00A0, U+00C0, U+0085 + 0x1000, an emoji.
  CHECK(valid_id("\xC2\xA0"));
  CHECK(valid_id("\xC3\x80"));
  CHECK(valid_id("\xE1\x82\x85"));
  CHECK(valid_id("\xF0\x9F\x98\x80"));
}

TEST_CASE("an id of invalid UTF-8 does no harm") {
  CHECK(valid_id("\xC2"));
  CHECK_FALSE(valid_id("\xC2\xC2\x85"));
}

TEST_CASE("ids are parsed, compared and hashed by their text") {
  CHECK_FALSE(user_id::parse(""));
  REQUIRE(user_id::parse("7"));
  CHECK(user_id::parse("7")->str() == "7");
  CHECK(user_id::parse("7") == user_id::parse("7"));
  CHECK(user_id::parse("7") != user_id::parse("07"));
  const user_key key{*project_id::parse("1"), *user_id::parse("2")};
  const user_key swapped{*project_id::parse("2"), *user_id::parse("1")};
  CHECK(key != swapped);
  CHECK(std::hash<user_key>{}(key) != std::hash<user_key>{}(swapped));
  CHECK(text_hash{}("7") == std::hash<user_id>{}(*user_id::parse("7")));
}

TEST_CASE("each error has a row of its own, with a name and a text") {
  std::set<std::string_view> names;
  for (const auto& row : all_errors()) {
    INFO(row.name);
    CHECK(&describe(row.code) == &row);
    CHECK_FALSE(row.text.empty());
    names.insert(row.name);
  }
  CHECK(names == std::set<std::string_view>{"bad_json", "bad_frame", "unknown_type", "too_large",
                                            "forbidden", "not_registered", "unauthorized",
                                            "token_expired", "too_many_devices", "not_connected",
                                            "rate_limited", "unavailable"});
}

TEST_CASE("only who is not let in is closed") {
  for (const auto& row : all_errors()) {
    INFO(row.name);
    CHECK(row.closes_with.has_value() ==
          (row.code == error_code::not_registered || row.code == error_code::unauthorized ||
           row.code == error_code::token_expired || row.code == error_code::too_many_devices));
  }
}

TEST_CASE("each close code has a row, with a reason that fits a close frame") {
  for (const auto code :
       {close_code::normal, close_code::service_restart, close_code::protocol_error,
        close_code::unsupported_data, close_code::invalid_payload, close_code::message_too_big,
        close_code::internal_error, close_code::not_registered, close_code::slow,
        close_code::too_many_devices, close_code::rate_limited}) {
    const auto& row = describe(code);
    INFO(row.reason);
    CHECK(row.code == code);
    CHECK_FALSE(row.reason.empty());
    CHECK(row.reason.size() <= 123);
  }
  CHECK(all_closes().size() == 12);
}

TEST_CASE("a close code without a row is a fault of the server's") {
  CHECK(describe(static_cast<close_code>(4999)).code == close_code::internal_error);
}

} // namespace klatch
